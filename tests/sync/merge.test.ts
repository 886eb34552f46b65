/** The merge policy, field by field: two sides changed the same thing while apart. */
import { expect, it } from 'vitest'
import { MERGE } from '@rejoin/shared/tickets/merge.ts'
import { TicketView } from '@rejoin/shared/tickets/ticket.ts'
import { startWorld, type Field, type World } from '../harness/world.ts'

const MINUTE = 60_000

it('declares a policy for every field of a ticket', () => {
  expect(Object.keys(MERGE).toSorted()).toEqual(Object.keys(TicketView.shape).toSorted())
})

/** Ada has the ticket on her device and no network; the desk is online. */
async function apart(world: World, fields: Parameters<World['ticket']>[0] = {}) {
  const [ada] = await world.agents('ada')
  const desk = await world.desk()
  const { id } = await world.ticket({ ...fields, assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  return { ada, desk, id, get: () => desk.api.tickets.get.query({ ticketId: id }) }
}

function lastVerdict(device: Field) {
  return device.verdicts().at(-1)
}

it('keeps the higher priority when the device raised less than the office', async () => {
  await using world = await startWorld()
  const { ada, desk, id, get } = await apart(world, { priority: 'low' })
  await ada.tickets.edit({ ticketId: id, set: { priority: 'high' } })
  await desk.api.tickets.edit.mutate({ ticketId: id, set: { priority: 'urgent' } })
  await ada.rejoin()
  expect(await get()).toMatchObject({ priority: 'urgent' })
  expect(lastVerdict(ada)).toMatchObject({ outcome: 'adjusted', code: 'higher-priority-stands' })
})

it('takes the priority of the device when it is the higher one', async () => {
  await using world = await startWorld()
  const { ada, desk, id, get } = await apart(world, { priority: 'low' })
  await ada.tickets.edit({ ticketId: id, set: { priority: 'urgent' } })
  await desk.api.tickets.edit.mutate({ ticketId: id, set: { priority: 'high' } })
  await ada.rejoin()
  expect(await get()).toMatchObject({ priority: 'urgent' })
  expect(lastVerdict(ada)).toMatchObject({ outcome: 'applied' })
})

it('refuses to lower a priority that the office raised meanwhile', async () => {
  await using world = await startWorld()
  const { ada, desk, id, get } = await apart(world, { priority: 'medium' })
  await ada.tickets.edit({ ticketId: id, set: { priority: 'low' } })
  await desk.api.tickets.edit.mutate({ ticketId: id, set: { priority: 'high' } })
  await ada.rejoin()
  expect(await get()).toMatchObject({ priority: 'high' })
  expect(lastVerdict(ada)).toMatchObject({ outcome: 'refused', code: 'superseded' })
})

it('does not take an agent’s own second thought for somebody else’s change', async () => {
  await using world = await startWorld()
  const { ada, id, get } = await apart(world, { priority: 'medium' })
  await ada.tickets.edit({ ticketId: id, set: { priority: 'urgent' } })
  await ada.tickets.edit({ ticketId: id, set: { priority: 'low' } })
  await ada.rejoin()
  expect(await get()).toMatchObject({ priority: 'low' })
  expect(ada.verdicts().map(({ outcome }) => outcome)).toEqual(['applied', 'applied'])
})

it('lets the title with the later effective time stand and keeps the other in the history', async () => {
  await using world = await startWorld()
  const { ada, desk, id, get } = await apart(world)
  await ada.tickets.edit({ ticketId: id, set: { title: 'Ada’s title', site: 'Lab' } })
  await world.advance(MINUTE)
  await desk.api.tickets.edit.mutate({ ticketId: id, set: { title: 'The desk’s title' } })
  await ada.rejoin()
  expect(await get()).toMatchObject({ title: 'The desk’s title', site: 'Lab' })
  expect(lastVerdict(ada)).toMatchObject({ outcome: 'adjusted', code: 'newer-value-stands' })
  const history = await desk.api.tickets.history.query({ ticketId: id })
  const superseded = history.find(({ type }) => type === 'ticket-edit-superseded')
  expect(superseded?.payload).toEqual({ lost: { title: 'Ada’s title' } })
})

it('takes a title that was written on the device after the office wrote its own', async () => {
  await using world = await startWorld()
  const { ada, desk, id, get } = await apart(world)
  await desk.api.tickets.edit.mutate({ ticketId: id, set: { title: 'The desk’s title' } })
  await world.advance(MINUTE)
  await ada.tickets.edit({ ticketId: id, set: { title: 'Ada’s title' } })
  await ada.rejoin()
  expect(await get()).toMatchObject({ title: 'Ada’s title' })
  expect(lastVerdict(ada)).toMatchObject({ outcome: 'applied' })
})

it('settles custom fields one by one', async () => {
  await using world = await startWorld()
  const { ada, desk, id, get } = await apart(world, { custom: { colour: 'red' } })
  await ada.tickets.edit({ ticketId: id, set: { custom: { colour: 'green', floor: 3 } } })
  await world.advance(MINUTE)
  await desk.api.tickets.edit.mutate({ ticketId: id, set: { custom: { colour: 'blue' } } })
  await ada.rejoin()
  expect(await get()).toMatchObject({ custom: { colour: 'blue', floor: 3 } })
})

it('keeps a tag that was added again while the device removed it', async () => {
  await using world = await startWorld()
  const { ada, desk, id, get } = await apart(world, { tags: ['vip', 'old'] })
  await ada.tickets.untag({ ticketId: id, tag: 'vip' })
  await ada.tickets.untag({ ticketId: id, tag: 'old' })
  await desk.api.tickets.tag.mutate({ ticketId: id, tag: 'vip' })
  await ada.rejoin()
  expect(await get()).toMatchObject({ tags: ['vip'] })
  expect(ada.verdicts()).toMatchObject([{ outcome: 'adjusted', code: 'added-meanwhile' }, { outcome: 'applied' }])
})

it('lets the office’s assignment win over a supervisor’s offline one', async () => {
  await using world = await startWorld()
  const [bob] = await world.agents('bob')
  const sue = await world.device(await world.person('sue', 'supervisor'))
  const { ada, desk, id, get } = await apart(world)
  await sue.rejoin()
  sue.disconnect()
  await sue.tickets.unassign({ ticketId: id })
  await desk.api.tickets.assign.mutate({ ticketId: id, agentId: bob.person.id })
  await sue.rejoin()
  expect(await get()).toMatchObject({ assigneeId: bob.person.id })
  expect(lastVerdict(sue)).toMatchObject({ outcome: 'refused', code: 'superseded' })
  await ada.rejoin()
  expect(ada.held()).toEqual([])
})

it('gives a ticket that two agents claimed offline to the one who rejoins first', async () => {
  await using world = await startWorld()
  const [ada, bob] = await world.agents('ada', 'bob')
  const { id } = await world.ticket()
  await world.converge()
  ada.disconnect()
  bob.disconnect()
  await ada.tickets.claim({ ticketId: id })
  await bob.tickets.claim({ ticketId: id })
  await bob.tickets.comment({ ticketId: id, body: 'On my way' })
  await ada.rejoin()
  await bob.rejoin()
  expect(ada.verdicts()).toMatchObject([{ outcome: 'applied' }])
  expect(bob.verdicts()).toMatchObject([
    { outcome: 'refused', code: 'already-assigned' },
    { name: 'comment.add', outcome: 'applied' },
  ])
})

it('replays a path of transitions from the state the office left the ticket in', async () => {
  await using world = await startWorld()
  const { ada, desk, id, get } = await apart(world)
  await ada.tickets.transition({ ticketId: id, to: 'in_progress' })
  await ada.tickets.transition({ ticketId: id, to: 'waiting_customer', reason: 'Needs a photo' })
  await desk.api.tickets.transition.mutate({ ticketId: id, to: 'on_hold', reason: 'No parts' })
  await ada.rejoin()
  expect(await get()).toMatchObject({ status: 'waiting_customer', statusReason: 'Needs a photo' })
  expect(ada.verdicts().map(({ outcome }) => outcome)).toEqual(['applied', 'applied'])
})

it('parks a transition whose path is gone, and lets the comments of the same ticket through', async () => {
  await using world = await startWorld()
  const { ada, desk, id } = await apart(world)
  await ada.tickets.transition({ ticketId: id, to: 'on_hold', reason: 'No parts' })
  await ada.tickets.comment({ ticketId: id, body: 'Parts ordered' })
  await desk.api.tickets.cancel.mutate({ ticketId: id })
  await ada.rejoin()
  expect(ada.verdicts()).toMatchObject([
    { name: 'ticket.transition', outcome: 'parked', code: 'no-path' },
    { name: 'comment.add', outcome: 'applied' },
  ])
  expect(ada.inbox()).toMatchObject([{ name: 'ticket.transition', input: { to: 'on_hold', reason: 'No parts' } }])
})

it('turns a resolve into a note when the ticket was closed meanwhile', async () => {
  await using world = await startWorld()
  const { ada, desk, id, get } = await apart(world)
  await ada.tickets.resolve({ ticketId: id, resolution: 'New fuser' })
  await desk.api.tickets.cancel.mutate({ ticketId: id })
  await ada.rejoin()
  expect(lastVerdict(ada)).toMatchObject({ outcome: 'adjusted', code: 'closed-meanwhile' })
  expect(await get()).toMatchObject({
    status: 'cancelled',
    comments: [{ authorName: 'ada', body: 'Resolution: New fuser', visibility: 'internal' }],
  })
})

it('lets the earlier of two resolves stand, and keeps the words of the other', async () => {
  await using world = await startWorld()
  const { ada, desk, id, get } = await apart(world)
  const resolvedAt = world.clock.now()
  await ada.tickets.resolve({ ticketId: id, resolution: 'New fuser' })
  await world.advance(MINUTE)
  await desk.api.tickets.resolve.mutate({ ticketId: id, resolution: 'Switched it on' })
  await ada.rejoin()
  expect(lastVerdict(ada)).toMatchObject({ outcome: 'adjusted', code: 'already-resolved' })
  expect(await get()).toMatchObject({
    status: 'resolved',
    resolution: 'New fuser',
    resolvedAt,
    comments: [{ body: 'Resolution: Switched it on' }],
  })
})

it('merges what two people type into one description at the same time', async () => {
  await using world = await startWorld()
  const [bob] = await world.agents('bob')
  const { ada, desk, id, get } = await apart(world, { description: 'The printer smokes.' })
  await desk.api.tickets.watch.mutate({ ticketId: id, userId: bob.person.id })
  await desk.api.tickets.edit.mutate({ ticketId: id, set: { description: 'The printer smokes. Call first.' } })
  ada.text(id, 'description').insert(0, '[Lab] ')
  await ada.rejoin()
  expect(await get()).toMatchObject({ description: '[Lab] The printer smokes. Call first.' })
  expect(ada.view(id)).toMatchObject({ description: '[Lab] The printer smokes. Call first.' })
})

it('takes back text that its author may not write, and keeps it for them', async () => {
  await using world = await startWorld()
  const [bob] = await world.agents('bob')
  const desk = await world.desk()
  const { id } = await world.ticket({ description: 'Original.' })
  await desk.api.tickets.assign.mutate({ ticketId: id, agentId: (await world.person('eve', 'agent')).id })
  await desk.api.tickets.watch.mutate({ ticketId: id, userId: bob.person.id })
  await bob.rejoin()
  await desk.api.tickets.edit.mutate({ ticketId: id, set: { description: 'Original, and more.' } })
  bob.text(id, 'description').insert(0, 'Bob was here. ')
  await bob.rejoin()
  const [item] = bob.inbox()
  expect(item).toMatchObject({ name: 'text.write', outcome: 'refused', code: 'forbidden' })
  expect(bob.view(id)).toMatchObject({ description: 'Original, and more.' })
})
