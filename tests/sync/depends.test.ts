/** Work that builds on a command that did not go through waits with it; all other work goes through. */
import { expect, it } from 'vitest'
import { v7 } from 'uuid'
import { exchangeByPost } from '../doors/exchange.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, until, type Field, type World } from '../harness/world.ts'

/** Ada’s ticket was resolved by the office while she worked on it offline. */
async function apart(world: World, work: (ada: Field, id: string) => Promise<unknown>) {
  const sue = await world.person('sue', 'supervisor')
  const [ada] = await world.agents('ada')
  const { id } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  await work(ada, id)
  await sue.api.tickets.resolve.mutate({ ticketId: id, resolution: 'Switched it on' })
  await ada.rejoin()
  return { ada, sue, id, get: () => sue.api.tickets.get.query({ ticketId: id }) }
}

function verdictsOf(device: Field) {
  return device.verdicts().map(({ name, outcome, code }) => [name, code ?? outcome])
}

async function parkWaitAndStart(ada: Field, id: string): Promise<void> {
  await ada.tickets.transition({ ticketId: id, to: 'on_hold', reason: 'No parts' })
  await ada.tickets.comment({ ticketId: id, body: 'Ordered parts' })
  await ada.tickets.tag({ ticketId: id, tag: 'parts' })
  await ada.tickets.logWork({ ticketId: id, minutes: 20 })
  await ada.tickets.edit({ ticketId: id, set: { site: 'Lab' } })
  await ada.tickets.transition({ ticketId: id, to: 'in_progress' })
}

it('parks what builds on parked work, and lets the rest of the same ticket through', async () => {
  await using world = await startWorld()
  const { ada, get } = await apart(world, parkWaitAndStart)
  expect(verdictsOf(ada)).toEqual([
    ['ticket.transition', 'no-path'],
    ['comment.add', 'applied'],
    ['ticket.tag', 'applied'],
    ['work.log', 'applied'],
    ['ticket.edit', 'applied'],
    ['ticket.transition', 'depends'],
  ])
  expect(ada.inbox().at(-1)).toMatchObject({
    outcome: 'parked',
    message: expect.stringContaining('It depends on your ticket.transition') as string,
  })
  expect(await get()).toMatchObject({ status: 'resolved', site: 'Lab', tags: ['parts'] })
})

it('judges what waited anew when that is approved, by itself', async () => {
  await using world = await startWorld()
  const { ada, sue, id, get } = await apart(world, parkWaitAndStart)
  const [first, second] = await sue.api.parked.list.query()
  expect(second).toMatchObject({ code: 'depends', waitsFor: [first?.id] })
  expect(await codeOf(sue.api.parked.approve.mutate({ commandId: second?.id ?? '' }))).toBe('conflict')
  await sue.api.tickets.reopen.mutate({ ticketId: id })
  await sue.api.parked.approve.mutate({ commandId: first?.id ?? '' })
  await until(ada, () => ada.inbox().every(({ outcome }) => outcome === 'applied'))
  expect(await sue.api.parked.list.query()).toEqual([])
  expect(await get()).toMatchObject({ status: 'in_progress' })
  expect(ada.inbox()).toHaveLength(2)
})

it('refuses what waited when that is rejected, with whatever builds on it in turn', async () => {
  await using world = await startWorld()
  const { ada, sue } = await apart(world, async (device, id) => {
    await parkWaitAndStart(device, id)
    await device.tickets.transition({ ticketId: id, to: 'waiting_customer', reason: 'Needs a photo' })
  })
  const [first] = await sue.api.parked.list.query()
  await sue.api.parked.reject.mutate({ commandId: first?.id ?? '', reason: 'It works.' })
  await until(ada, () => ada.inbox().every(({ outcome }) => outcome === 'refused'))
  expect(ada.inbox().map(({ code }) => code)).toEqual(['rejected', 'rejected', 'rejected'])
  expect(await sue.api.parked.list.query()).toEqual([])
})

it('asks again about what waited where the rules leave that to a person too', async () => {
  await using world = await startWorld()
  const sue = await world.person('sue', 'supervisor')
  const [ada, bob] = await world.agents('ada', 'bob')
  const { id } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.transition({ ticketId: id, to: 'on_hold', reason: 'No parts' })
  await ada.tickets.resolve({ ticketId: id, resolution: 'New fuser' })
  await sue.api.tickets.assign.mutate({ ticketId: id, agentId: bob.person.id })
  await bob.rejoin()
  await bob.tickets.transition({ ticketId: id, to: 'in_progress' })
  await bob.settled()
  await ada.rejoin()
  expect(verdictsOf(ada)).toEqual([
    ['ticket.transition', 'reassigned'],
    ['ticket.resolve', 'depends'],
  ])
  for (const code of ['reassigned', 'reassigned']) {
    const [next] = await sue.api.parked.list.query()
    expect(next).toMatchObject({ code })
    await sue.api.parked.approve.mutate({ commandId: next?.id ?? '' })
  }
  await ada.rejoin()
  expect(ada.inbox().map(({ outcome }) => outcome)).toEqual(['adjusted', 'adjusted'])
  const asked = await sue.api.notifications.list.query()
  expect(asked.filter(({ type }) => type === 'command-parked')).toHaveLength(2)
})

it('holds over connections and restarts', async () => {
  await using world = await startWorld()
  const { ada, id } = await apart(world, (device, ticketId) =>
    device.tickets.transition({ ticketId, to: 'on_hold', reason: 'No parts' }),
  )
  await world.restart()
  await ada.rejoin()
  await ada.tickets.transition({ ticketId: id, to: 'in_progress' })
  await ada.rejoin()
  expect(verdictsOf(ada).at(-1)).toEqual(['ticket.transition', 'depends'])
})

it('parks what builds on refused work that its author did not know of, and nothing that they made after', async () => {
  await using world = await startWorld()
  const bob = await world.person('bob', 'agent')
  const { id: ticketId } = await world.ticket({ assignee: await world.person('ada', 'agent') })
  const desk = await world.desk()
  await desk.api.tickets.watch.mutate({ ticketId, userId: bob.id })
  const device = v7()
  const commands = [
    { id: v7(), name: 'ticket.claim', input: { ticketId } },
    { id: v7(), name: 'ticket.resolve', input: { ticketId, resolution: 'Done' } },
    { id: v7(), name: 'comment.add', input: { ticketId, commentId: v7(), body: 'Done' } },
  ]
  const { verdicts } = await exchangeByPost(world.url, bob.token, commands, { device })
  expect(verdicts.map(({ code, outcome }) => code ?? outcome)).toEqual(['forbidden', 'depends', 'applied'])
  const again = await exchangeByPost(world.url, bob.token, commands, { device })
  expect(again.verdicts).toEqual(verdicts)
  const later = [{ name: 'ticket.claim', input: { ticketId } }]
  const { verdicts: alone } = await exchangeByPost(world.url, bob.token, later, { device })
  expect(alone).toMatchObject([{ code: 'forbidden' }])
})

it('goes by what the device says that its author built on', async () => {
  await using world = await startWorld()
  const bob = await world.person('bob', 'agent')
  const { id: ticketId } = await world.ticket()
  const device = v7()
  const refused = { id: v7(), name: 'ticket.edit', input: { ticketId, set: { title: '' } } }
  await exchangeByPost(world.url, bob.token, [refused], { device })
  const edit = { name: 'ticket.edit', input: { ticketId, set: { title: 'Plotter' } } }
  const knowing = await exchangeByPost(world.url, bob.token, [{ ...edit, after: [] }], { device })
  expect(knowing.verdicts).toMatchObject([{ outcome: 'applied' }])
  const unknowing = await exchangeByPost(world.url, bob.token, [{ ...edit, after: [refused.id] }], { device })
  expect(unknowing.verdicts).toMatchObject([{ outcome: 'parked', code: 'depends' }])
})

it('keeps everything of a ticket whose creation was refused, for an administrator to look at', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const [ada] = await world.agents('ada')
  ada.disconnect()
  const ticketId = v7()
  await ada.send('ticket.create', { ticketId, title: 'Printer', requesterId: 'nobody' })
  await ada.tickets.comment({ ticketId, body: 'On my way' })
  expect(ada.view(ticketId)).toMatchObject({ comments: [{ body: 'On my way' }] })
  await ada.rejoin()
  expect(verdictsOf(ada)).toEqual([
    ['ticket.create', 'not-found'],
    ['comment.add', 'depends'],
  ])
  expect(ada.view(ticketId)).toBeNull()
  const [item] = await desk.api.parked.list.query()
  expect(item).toMatchObject({ name: 'comment.add', ticketId, number: null })
  await desk.api.parked.reject.mutate({ commandId: item?.id ?? '', reason: 'No such person.' })
  await ada.rejoin()
  expect(ada.inbox().map(({ code }) => code)).toEqual(['not-found', 'rejected'])
})
