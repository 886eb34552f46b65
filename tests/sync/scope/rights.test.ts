/** Work done with rights that were changed before it came: what still counts, and what a supervisor decides. */
import { expect, it } from 'vitest'
import { v7 } from 'uuid'
import { exchangeWith, post } from '../../doors/exchange.ts'
import { startWorld, type Field, type World } from '../../harness/world.ts'

type Rights = { readonly role: 'requester' | 'agent' | 'supervisor' } | { readonly departments: readonly string[] }

async function give(world: World, { person }: Field, rights: Rights): Promise<void> {
  const { accounts } = (await world.desk()).api
  if ('role' in rights) await accounts.setRole.mutate({ userId: person.id, role: rights.role })
  else {
    const departments = await Promise.all(rights.departments.map(world.department))
    await accounts.setDepartments.mutate({ userId: person.id, departments })
  }
}

function verdictsOf(device: Field): string[] {
  return device.verdicts().map(({ name, outcome, code }) => [name, outcome, code].filter(Boolean).join(' '))
}

it('lets an agent’s work through that was done before they changed departments', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const { id } = await world.ticket()
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.comment({ ticketId: id, body: 'Looked at it' })
  await ada.tickets.logWork({ ticketId: id, minutes: 5 })
  await ada.tickets.edit({ ticketId: id, set: { title: 'Printer, third floor' } })
  await ada.tickets.claim({ ticketId: id })
  await give(world, ada, { departments: ['lab'] })
  await ada.rejoin()
  expect(verdictsOf(ada)).toEqual([
    'comment.add applied',
    'work.log applied',
    'ticket.edit applied',
    'ticket.claim applied',
  ])
  expect(ada.view(id)).toMatchObject({ title: 'Printer, third floor', assigneeName: 'ada' })
})

it('parks what somebody did as an agent who is a requester now, for a supervisor to decide', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const sue = await world.person('sue', 'supervisor')
  const { id: ticketId } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  const { commandId: comment } = await ada.tickets.comment({ ticketId, body: 'Replaced the fuser' })
  const { commandId: resolve } = await ada.tickets.resolve({ ticketId, resolution: 'New fuser' })
  await give(world, ada, { role: 'requester' })
  await ada.rejoin()
  expect(verdictsOf(ada)).toEqual(['comment.add parked rights-changed', 'ticket.resolve parked rights-changed'])
  expect([ada.held(), ada.handedOver()]).toEqual([[], [ticketId]])

  const parked = await sue.api.parked.list.query()
  expect(parked.map(({ name, actorName }) => [name, actorName])).toEqual([
    ['comment.add', 'ada'],
    ['ticket.resolve', 'ada'],
  ])
  for (const { id } of parked) await sue.api.parked.approve.mutate({ commandId: id })
  await ada.rejoin()
  expect(ada.verdicts().map(({ id, outcome }) => [id, outcome])).toEqual([
    [comment, 'applied'],
    [resolve, 'adjusted'],
  ])
  expect(await sue.api.tickets.get.query({ ticketId })).toMatchObject({
    status: 'resolved',
    comments: [{ authorName: 'ada', body: 'Replaced the fuser' }],
  })
})

it('parks what somebody decided as a supervisor who is an agent now', async () => {
  await using world = await startWorld()
  const sue = await world.device(await world.person('sue', 'supervisor'))
  const bob = await world.person('bob', 'agent')
  const { id } = await world.ticket()
  await sue.rejoin()
  sue.disconnect()
  await sue.tickets.assign({ ticketId: id, agentId: bob.id })
  await sue.tickets.comment({ ticketId: id, body: 'Bob does it' })
  await give(world, sue, { role: 'agent' })
  await sue.rejoin()
  expect(verdictsOf(sue)).toEqual(['ticket.assign parked rights-changed', 'comment.add applied'])
})

it('parks a ticket that an agent of that time opened for somebody else', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const rita = await world.person('rita', 'requester')
  const { api } = await world.desk()
  ada.disconnect()
  const { ticketId } = await ada.tickets.create({ title: 'Scanner', requesterId: rita.id })
  await give(world, ada, { role: 'requester' })
  await ada.rejoin()
  expect(verdictsOf(ada)).toEqual(['ticket.create parked rights-changed'])
  const [parked] = await api.parked.list.query()
  await api.parked.approve.mutate({ commandId: parked?.id ?? '' })
  expect(await api.tickets.get.query({ ticketId })).toMatchObject({ title: 'Scanner', requesterId: rita.id })
})

it('refuses what was not allowed then either, and what was done in knowledge of the change', async () => {
  await using world = await startWorld()
  const [ada, bob] = await world.agents('ada', 'bob')
  const { id } = await world.ticket({ assignee: bob.person })
  const mine = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.comment({ ticketId: id, body: 'Not mine to see' })
  await ada.tickets.assign({ ticketId: mine.id, agentId: bob.person.id })
  await give(world, ada, { role: 'requester' })
  await ada.rejoin()
  await ada.tickets.comment({ ticketId: mine.id, body: 'Too late' })
  await ada.settled()
  expect(verdictsOf(ada)).toEqual([
    'comment.add refused not-found',
    'ticket.assign refused forbidden',
    'comment.add refused not-found',
  ])
})

it('judges by the rights of now whatever they allow', async () => {
  await using world = await startWorld()
  const [ada, bob] = await world.agents('ada', 'bob')
  const { id } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.assign({ ticketId: id, agentId: bob.person.id })
  await give(world, ada, { role: 'supervisor' })
  await ada.rejoin()
  expect(verdictsOf(ada)).toEqual(['ticket.assign applied'])
  expect(ada.view(id)).toMatchObject({ assigneeName: 'bob' })
})

it('tells by HTTP too what a change of rights takes away and brings, and who the person is now', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const { id: queued } = await world.ticket()
  const { id: fresh } = await world.ticket({ departmentId: await world.department('lab') })
  const exchange = exchangeWith([], v7())
  const answer = async (place: object) => {
    const response = await post(world.url, ada.person.token, JSON.stringify({ ...exchange, ...place }))
    return (await response.json()) as { epoch: string; cursor: number; tag: string }
  }
  const { epoch, cursor, tag } = await answer({})
  await give(world, ada, { departments: ['lab'] })
  const news = await answer({ epoch, cursor, tag })
  expect(news).toMatchObject({
    enter: [{ ticketId: fresh }],
    leave: [{ ticketId: queued, reason: 'access-lost' }],
    actor: { departments: [await world.department('lab')] },
  })
  expect(news).not.toHaveProperty('reset')
  const { cursor: after, tag: tagAfter } = news
  expect(await answer({ epoch, cursor: after, tag: tagAfter })).not.toHaveProperty('actor')
})
