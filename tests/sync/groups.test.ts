/** Commands that are judged as one: all of them are applied, or none is. */
import { expect, it } from 'vitest'
import { v7 } from 'uuid'
import { exchangeByPost } from '../doors/exchange.ts'
import { contentOf, TRACES_OF_PARKED } from '../doors/database.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, type Field, type World } from '../harness/world.ts'

async function away(world: World) {
  const sue = await world.person('sue', 'supervisor')
  const [ada, bob] = await world.agents('ada', 'bob')
  const { id } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  return { ada, bob, sue, id, get: () => sue.api.tickets.get.query({ ticketId: id }) }
}

/** Closing a job: a comment on the work, its minutes, and the resolution. */
function closeJob(device: Field, ticketId: string): Promise<string[]> {
  return device.sendGroup([
    { name: 'comment.add', input: { ticketId, commentId: v7(), body: 'Fixed' } },
    { name: 'work.log', input: { ticketId, workId: v7(), minutes: 30 } },
    { name: 'ticket.resolve', input: { ticketId, resolution: 'New fuser' } },
  ])
}

function verdictsOf(device: Field) {
  return device.verdicts().map(({ name, outcome, code }) => [name, outcome, code])
}

it('applies all commands of a group', async () => {
  await using world = await startWorld()
  const { ada, id, get } = await away(world)
  await closeJob(ada, id)
  expect(ada.view(id)).toMatchObject({ status: 'resolved', work: [{ minutes: 30 }] })
  await ada.rejoin()
  expect(await get()).toMatchObject({ status: 'resolved', work: [{ minutes: 30 }], comments: [{ body: 'Fixed' }] })
  expect(ada.inbox()).toEqual([])
})

it('applies none when one is refused, and says of each why', async () => {
  await using world = await startWorld()
  const { ada, id, get } = await away(world)
  const commentId = v7()
  await ada.sendGroup([
    { name: 'comment.add', input: { ticketId: id, commentId, body: 'Fixed' } },
    { name: 'comment.add', input: { ticketId: id, commentId, body: 'Fixed again' } },
    { name: 'ticket.resolve', input: { ticketId: id, resolution: 'New fuser' } },
  ])
  await ada.tickets.comment({ ticketId: id, body: 'Still here' })
  await ada.rejoin()
  expect(verdictsOf(ada)).toEqual([
    ['comment.add', 'refused', 'group'],
    ['comment.add', 'refused', 'id-taken'],
    ['ticket.resolve', 'refused', 'group'],
    ['comment.add', 'applied', undefined],
  ])
  expect(ada.inbox()[0]?.message).toContain('because its comment.add failed: commentId')
  expect(await get()).toMatchObject({ status: 'open', comments: [{ body: 'Still here' }] })
  expect(ada.view(id)).toMatchObject({ status: 'open', comments: [{ body: 'Still here' }] })
})

it('leaves no trace of a group that did not go through, and answers it alike when it comes again', async () => {
  await using world = await startWorld()
  const { ada, id: ticketId } = await away(world)
  const group = v7()
  const commands = [
    { id: v7(), name: 'ticket.edit', input: { ticketId, set: { description: 'Half', title: 'Half' } }, group },
    { id: v7(), name: 'ticket.reopen', input: { ticketId }, group },
    { id: v7(), name: 'ticket.tag', input: { ticketId, tag: 'half' }, group },
  ]
  // A parked group notifies supervisors, and takes a place in the log.
  const except = { except: [...TRACES_OF_PARKED.except, 'notification'] }
  const before = await contentOf(world.app, except)
  const { verdicts } = await exchangeByPost(world.url, ada.person.token, commands, { device: ada.id })
  expect(verdicts.map(({ outcome, code }) => [outcome, code])).toEqual([
    ['parked', 'group'],
    ['parked', 'no-path'],
    ['parked', 'group'],
  ])
  expect(await contentOf(world.app, except)).toEqual(before)
  const again = await exchangeByPost(world.url, ada.person.token, commands, { device: ada.id })
  expect(again.verdicts).toEqual(verdicts)
})

it('parks a group as one, and decides about it as one', async () => {
  await using world = await startWorld()
  const { ada, bob, sue, id, get } = await away(world)
  await closeJob(ada, id)
  await sue.api.tickets.assign.mutate({ ticketId: id, agentId: bob.person.id })
  await bob.rejoin()
  await bob.tickets.transition({ ticketId: id, to: 'in_progress' })
  await bob.settled()
  await ada.rejoin()
  expect(verdictsOf(ada)).toEqual([
    ['comment.add', 'parked', 'group'],
    ['work.log', 'parked', 'group'],
    ['ticket.resolve', 'parked', 'reassigned'],
  ])
  const [first, second] = await sue.api.parked.list.query()
  expect(first?.groupId).toBe(second?.groupId)
  const asked = await sue.api.notifications.list.query()
  expect(asked.filter(({ type }) => type === 'command-parked')).toHaveLength(1)
  await sue.api.parked.approve.mutate({ commandId: first?.id ?? '' })
  expect(await codeOf(sue.api.parked.reject.mutate({ commandId: second?.id ?? '', reason: 'No.' }))).toBe('conflict')
  await ada.rejoin()
  expect(verdictsOf(ada).map(([, outcome]) => outcome)).toEqual(['applied', 'applied', 'adjusted'])
  expect(await get()).toMatchObject({ status: 'resolved', comments: [{ body: 'Fixed' }], work: [{ minutes: 30 }] })
})

it('leaves the whole group parked when the rules refuse one of it even to a dispatcher', async () => {
  await using world = await startWorld()
  const { ada, sue, id, get } = await away(world)
  await ada.sendGroup([
    { name: 'comment.add', input: { ticketId: id, commentId: v7(), body: 'Waiting' } },
    { name: 'ticket.edit', input: { ticketId: id, set: { description: 'Waits for parts.' } } },
    { name: 'ticket.transition', input: { ticketId: id, to: 'on_hold', reason: 'No parts' } },
  ])
  await sue.api.tickets.resolve.mutate({ ticketId: id, resolution: 'Switched it on' })
  await ada.rejoin()
  const [first] = await sue.api.parked.list.query()
  expect(await codeOf(sue.api.parked.approve.mutate({ commandId: first?.id ?? '' }))).toBe('no-path')
  expect(await get()).toMatchObject({ status: 'resolved', comments: [], description: '' })
  expect(await sue.api.parked.list.query()).toHaveLength(3)
})

it('parts no group when the outbox goes in several exchanges', async () => {
  await using world = await startWorld()
  const { ada, id, get } = await away(world)
  for (let index = 0; index < 498; index += 1)
    await ada.tickets.comment({ ticketId: id, body: `Note ${index}`, visibility: 'internal' })
  await closeJob(ada, id)
  await ada.rejoin()
  expect(ada.inbox()).toEqual([])
  expect(await get()).toMatchObject({ status: 'resolved', work: [{ minutes: 30 }] })
})

it('survives cuts and restarts while a group is on its way', async () => {
  await using world = await startWorld()
  const { ada, id, get } = await away(world)
  await closeJob(ada, id)
  ada.connect()
  ada.wire.cut()
  await world.restart()
  await ada.rejoin()
  expect(await get()).toMatchObject({ status: 'resolved', work: [{ minutes: 30 }], comments: [{ body: 'Fixed' }] })
})

it('takes no group that is too large for one exchange', async () => {
  await using world = await startWorld()
  const { ada, id } = await away(world)
  const notes = Array.from({ length: 51 }, () => ({
    name: 'comment.add' as const,
    input: { ticketId: id, commentId: v7(), body: 'Note' },
  }))
  await expect(ada.sendGroup(notes)).rejects.toMatchObject({ code: 'too-large' })
  expect(ada.pending()).toEqual([])
})
