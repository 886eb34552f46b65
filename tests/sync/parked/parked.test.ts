/** Work that the rules leave to a person: what waits for it, who decides, and how its author hears of it. */
import { expect, it } from 'vitest'
import { memoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { exchangeByPost } from '../../doors/exchange.ts'
import { codeOf } from '../../harness/refused.ts'
import { startWorld, until } from '../../harness/world.ts'
import { inboxOf, onlyParked, parkedResolve, takeOver } from './scene.ts'

it('lists what is parked for the supervisor of the department: who, when, what and why', async () => {
  await using world = await startWorld()
  const { ada, sue, bob, id } = await parkedResolve(world)
  expect(await onlyParked(sue)).toMatchObject({
    name: 'ticket.resolve',
    input: { ticketId: id, resolution: 'New fuser' },
    actorName: 'ada',
    ticketId: id,
    code: 'reassigned',
    effectiveAt: world.clock.now(),
  })
  const elsewhere = await world.person('eli', 'supervisor', ['depot'])
  expect(await elsewhere.api.parked.list.query()).toEqual([])
  expect(await bob.api.parked.list.query()).toEqual([])
  expect(await ada.person.api.parked.list.query()).toEqual([])
})

it('accepts a resolve after the reassignment by a dispatcher’s word and credits it to its author', async () => {
  await using world = await startWorld()
  const { ada, sue, id, get } = await parkedResolve(world)
  const resolvedAt = world.clock.now()
  await world.advance(60_000)
  const { id: commandId } = await onlyParked(sue)
  await sue.api.parked.approve.mutate({ commandId })
  await until(ada, () => ada.inbox()[0]?.outcome !== 'parked')

  expect(await get()).toMatchObject({ status: 'resolved', resolution: 'New fuser', assigneeName: 'ada', resolvedAt })
  expect(inboxOf(ada)).toMatchObject([{ name: 'ticket.resolve', outcome: 'adjusted' }])
  expect(await sue.api.parked.list.query()).toEqual([])
  const history = await sue.api.tickets.history.query({ ticketId: id })
  expect(history.at(-1)).toMatchObject({ type: 'command-decided', actorId: sue.id, payload: { outcome: 'adjusted' } })
  expect(history.at(-2)).toMatchObject({
    type: 'ticket-status-changed',
    actorId: ada.person.id,
    effectiveAt: resolvedAt,
  })
})

it('tells a connected author of a rejection at once, and an offline one when they are back', async () => {
  await using world = await startWorld()
  const { ada, sue, store } = await parkedResolve(world, async (device, ticketId) => {
    await device.tickets.transition({ ticketId, to: 'on_hold', reason: 'No parts' })
  })
  const { id: commandId } = await onlyParked(sue)
  ada.disconnect()
  await sue.api.parked.reject.mutate({ commandId, reason: 'Bob has the parts.' })
  expect(inboxOf(ada)).toEqual([{ name: 'ticket.transition', outcome: 'parked', code: 'reassigned' }])
  await ada.close()
  await world.restart()

  const again = await world.device(ada.person, memoryStore(store.entries()))
  expect(inboxOf(again)).toEqual([{ name: 'ticket.transition', outcome: 'refused', code: 'rejected' }])
  expect(again.inbox()[0]).toMatchObject({ message: 'Bob has the parts.', hint: 'sue decided this.' })
  await again.dismiss(commandId)
  expect(again.inbox()).toEqual([])
  expect(again.pending()).toEqual([])
})

it('keeps a plain yes in the inbox of who had to wait for it, until it is dismissed', async () => {
  await using world = await startWorld()
  const sue = await world.person('sue', 'supervisor')
  const [ada] = await world.agents('ada')
  const { id } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.transition({ ticketId: id, to: 'on_hold', reason: 'No parts' })
  await sue.api.tickets.resolve.mutate({ ticketId: id, resolution: 'Switched it on' })
  await ada.rejoin()
  const { id: commandId } = await onlyParked(sue)
  await sue.api.tickets.reopen.mutate({ ticketId: id })
  await sue.api.parked.approve.mutate({ commandId })
  await until(ada, () => ada.inbox()[0]?.outcome === 'applied')
  await ada.dismiss(commandId)
  expect(ada.inbox()).toEqual([])
  expect(ada.pending()).toEqual([])
})

it('tells supervisors that they are asked, and the author what was decided', async () => {
  await using world = await startWorld()
  const { ada, sue, bob, id } = await parkedResolve(world)
  const asked = await sue.api.notifications.list.query()
  expect(asked).toMatchObject([{ type: 'command-parked', ticketId: id, payload: { name: 'ticket.resolve' } }])
  const { id: commandId } = await onlyParked(sue)
  await sue.api.parked.reject.mutate({ commandId, reason: 'No.' })
  const told = await ada.person.api.notifications.list.query()
  expect(told).toMatchObject([{ type: 'command-decided', payload: { outcome: 'refused' } }, {}])
  expect((await bob.api.notifications.list.query()).map(({ type }) => type)).toEqual(['ticket-assigned'])
})

it('refuses to decide twice, also when two supervisors decide at once', async () => {
  await using world = await startWorld()
  const { sue } = await parkedResolve(world)
  const sam = await world.person('sam', 'supervisor')
  const { id: commandId } = await onlyParked(sue)
  const codes = await Promise.all([
    codeOf(sue.api.parked.approve.mutate({ commandId })),
    codeOf(sam.api.parked.reject.mutate({ commandId, reason: 'No.' })),
    codeOf(sam.api.parked.approve.mutate({ commandId })),
  ])
  expect(codes.filter((code) => code === 'done')).toHaveLength(1)
  expect(codes.filter((code) => code === 'conflict')).toHaveLength(2)
})

it('answers a command that comes again with its present verdict, and does it once', async () => {
  await using world = await startWorld()
  const { ada, sue, id, get } = await parkedResolve(world)
  const { id: commandId } = await onlyParked(sue)
  await sue.api.parked.approve.mutate({ commandId })
  const before = await get()
  const again = { id: commandId, name: 'ticket.resolve', input: { ticketId: id, resolution: 'New fuser' } }
  const { verdicts } = await exchangeByPost(world.url, ada.person.token, [again], { device: ada.id })
  expect(verdicts).toMatchObject([{ id: commandId, outcome: 'adjusted' }])
  expect(await get()).toEqual(before)
})

it('leaves parked what the rules refuse even so, and tells the supervisor why', async () => {
  await using world = await startWorld()
  const { ada, sue, id } = await parkedResolve(world, async (device, ticketId) => {
    await device.tickets.transition({ ticketId, to: 'on_hold', reason: 'No parts' })
  })
  const { id: commandId } = await onlyParked(sue)
  await sue.api.tickets.transition.mutate({ ticketId: id, to: 'open' })
  await sue.api.tickets.cancel.mutate({ ticketId: id })
  expect(await codeOf(sue.api.parked.approve.mutate({ commandId }))).toBe('no-path')
  expect(await onlyParked(sue)).toMatchObject({ id: commandId })
  await ada.rejoin()
  expect(inboxOf(ada)).toMatchObject([{ outcome: 'parked' }])
})

it('turns an approved resolve into a note when the ticket was cancelled meanwhile', async () => {
  await using world = await startWorld()
  const { sue, id, get } = await parkedResolve(world)
  const { id: commandId } = await onlyParked(sue)
  await sue.api.tickets.transition.mutate({ ticketId: id, to: 'open' })
  await sue.api.tickets.cancel.mutate({ ticketId: id })
  await sue.api.parked.approve.mutate({ commandId })
  expect(await get()).toMatchObject({
    status: 'cancelled',
    comments: [{ authorName: 'ada', body: 'Resolution: New fuser' }],
  })
})

it('decides about the work of somebody who has left', async () => {
  await using world = await startWorld()
  const { ada, sue, get } = await parkedResolve(world)
  const { id: commandId } = await onlyParked(sue)
  await ada.close()
  const { writer } = world.app.db
  await writer.deleteFrom('membership').where('userId', '=', ada.person.id).execute()
  await writer.updateTable('user').set({ status: 'disabled' }).where('id', '=', ada.person.id).execute()
  await sue.api.parked.approve.mutate({ commandId })
  expect(await get()).toMatchObject({ status: 'resolved', resolution: 'New fuser', assigneeName: 'ada' })
})

it('keeps what a person has to decide over a restart, and takes the prediction off the device', async () => {
  await using world = await startWorld()
  const desk = await world.desk()
  const sue = await world.person('sue', 'supervisor')
  const [ada] = await world.agents('ada')
  const { id } = await world.ticket({ assignee: ada.person })
  await desk.api.tickets.watch.mutate({ ticketId: id, userId: ada.person.id })
  await ada.rejoin()
  ada.disconnect()
  await ada.tickets.resolve({ ticketId: id, resolution: 'New fuser' })
  expect(ada.view(id)).toMatchObject({ status: 'resolved' })
  await takeOver(sue, await world.person('bob', 'agent'), id)
  await ada.rejoin()
  expect(ada.view(id)).toMatchObject({ status: 'in_progress' })
  await world.restart()
  const { id: commandId } = await onlyParked(sue)
  await sue.api.parked.approve.mutate({ commandId })
  await ada.rejoin()
  expect(inboxOf(ada)).toMatchObject([{ outcome: 'adjusted' }])
})
