/** Parked work that its author takes back, or sends otherwise, before anybody has decided about it. */
import { expect, it } from 'vitest'
import { v7 } from 'uuid'
import { exchangeByPost } from '../../doors/exchange.ts'
import { codeOf } from '../../harness/refused.ts'
import { startWorld } from '../../harness/world.ts'
import { inboxOf, onlyParked, parkedResolve } from './scene.ts'

it('takes back what its author dismisses, so that nobody has to decide about it', async () => {
  await using world = await startWorld()
  const { ada, sue } = await parkedResolve(world)
  const { id: commandId } = await onlyParked(sue)
  ada.disconnect()
  await ada.dismiss(commandId)
  expect(ada.inbox()).toEqual([])
  expect(await onlyParked(sue)).toMatchObject({ id: commandId })
  await ada.rejoin()
  expect(await sue.api.parked.list.query()).toEqual([])
  expect(await codeOf(sue.api.parked.approve.mutate({ commandId }))).toBe('conflict')
  expect(ada.inbox()).toEqual([])
  expect(ada.verdicts()).toMatchObject([
    { id: commandId, outcome: 'refused', code: 'withdrawn' },
    { outcome: 'applied' },
  ])
})

it('tells its author when what they take back was decided before', async () => {
  await using world = await startWorld()
  const { ada, sue } = await parkedResolve(world)
  const { id: commandId } = await onlyParked(sue)
  ada.disconnect()
  await ada.dismiss(commandId)
  await sue.api.parked.approve.mutate({ commandId })
  await ada.rejoin()
  expect(inboxOf(ada)).toEqual([
    { name: 'ticket.resolve', outcome: 'adjusted', code: 'credited-after-reassignment' },
    { name: 'parked.withdraw', outcome: 'adjusted', code: 'already-done' },
  ])
})

it('replaces parked work by what its author sends instead', async () => {
  await using world = await startWorld()
  const { ada, sue, id, get } = await parkedResolve(world)
  await sue.api.tickets.watch.mutate({ ticketId: id, userId: ada.person.id })
  const [item] = ada.inbox()
  await ada.resubmit(item?.id ?? '', {
    name: 'comment.add',
    input: { ticketId: id, commentId: v7(), body: 'It was the fuser', visibility: 'internal' },
  })
  await ada.settled()
  expect(await sue.api.parked.list.query()).toEqual([])
  expect(await get()).toMatchObject({ status: 'in_progress', comments: [{ body: 'It was the fuser' }] })
})

it('lets nobody take back the work of another', async () => {
  await using world = await startWorld()
  const { bob, sue } = await parkedResolve(world)
  const { id: commandId } = await onlyParked(sue)
  const { verdicts } = await exchangeByPost(world.url, bob.token, [{ name: 'parked.withdraw', input: { commandId } }])
  expect(verdicts).toMatchObject([{ outcome: 'refused', code: 'not-found' }])
  await onlyParked(sue)
})

it('tells the device what became of work that waited for what it took back in the same exchange', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const ticket = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  const { commandId: reopened } = await ada.tickets.reopen({ ticketId: ticket.id, reason: 'It is broken again.' })
  await ada.settled()
  ada.disconnect()
  const { commandId: moved } = await ada.tickets.transition({
    ticketId: ticket.id,
    to: 'on_hold',
    reason: 'Waits for a part.',
  })
  await ada.dismiss(reopened)
  await ada.rejoin()

  const verdict = ada.verdicts().find(({ id }) => id === moved)
  expect(verdict).toMatchObject({ outcome: 'refused', code: 'withdrawn' })
})
