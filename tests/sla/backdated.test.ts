/** Work that came too late to count from when it was done, and the approval of its time. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { DEFAULT_POLICY } from '@rejoin/server/slices/sla/engine/terms.ts'
import { codeOf } from '../harness/refused.ts'
import { startWorld, type World } from '../harness/world.ts'
import { onlyParked, parkedResolve } from '../sync/parked/scene.ts'
import { workedCase } from './worked-case.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

it('counts work from when it arrived that is older than the policy takes', async () => {
  await using world = await startWorld()
  const { api, ada, at, ticketId, until, clock } = await workedCase(world, 'resolution')
  const value = { ...DEFAULT_POLICY, targets: { resolution: { medium: 240 } }, maxBackdateHours: 2 }
  await api.sla.policies.edit.mutate({ policyId: 'default', value, applyTo: 'open' })
  await until(at(9, 55))
  await ada.tickets.resolve({ ticketId, resolution: 'New fuser' })
  await until(at(14))
  await ada.rejoin()
  expect(ada.verdicts().at(-1)).toMatchObject({ outcome: 'adjusted', code: 'backdated-too-far' })
  expect(await clock()).toMatchObject({ state: 'stopped', stopAt: at(14), breachAt: at(10) })
})

/** Resolved on the device at 09:55, and back 80 hours later. */
async function broughtLate(world: World) {
  const scene = await workedCase(world, 'resolution')
  const { ada, at, until, ticketId } = scene
  await until(at(9, 55))
  await ada.tickets.resolve({ ticketId, resolution: 'New fuser' })
  await until(at(90))
  await ada.rejoin()
  return scene
}

it('gives work that came after more than three days its own time when a supervisor approves it', async () => {
  await using world = await startWorld()
  const { api, ada, sue, at, ticketId, clock, toldOf } = await broughtLate(world)
  expect(ada.verdicts().at(-1)).toMatchObject({ outcome: 'adjusted', code: 'backdated-too-far' })
  expect(await clock()).toMatchObject({ state: 'stopped', stopAt: at(90), breachAt: at(10) })
  const listed = await sue.api.parked.listBackdated.query()
  const when = { claimedAt: at(9, 55), recordedAt: at(90) }
  expect(listed).toMatchObject([{ name: 'ticket.resolve', actorName: 'ada', ticketId, ...when }])

  const commandId = listed[0]?.id ?? ''
  await sue.api.parked.approveBackdated.mutate({ commandId })
  expect(await clock()).toMatchObject({ state: 'stopped', stopAt: at(9, 55), breachAt: null, elapsedMs: 235 * MINUTE })
  expect(await api.tickets.get.query({ ticketId })).toMatchObject({ status: 'resolved', resolvedAt: at(9, 55) })
  expect(await toldOf('backdate-approved')).toEqual(['ada'])
  const { clocks } = await api.sla.explain.query({ ticketId })
  expect(clocks[0]?.log).toContainEqual(expect.objectContaining({ kind: 'retract', level: 100 }))
  const { entries } = await api.audit.list.query({ type: 'backdate-approved' })
  expect(entries).toMatchObject([
    { actorId: sue.id, subjectId: ticketId, payload: { commandId, claimedAt: at(9, 55) } },
  ])

  expect(await sue.api.parked.listBackdated.query()).toEqual([])
  expect(await codeOf(sue.api.parked.approveBackdated.mutate({ commandId }))).toBe('conflict')
  expect(await toldOf('backdate-approved')).toEqual(['ada'])
})

it('goes on from the approved time when the ticket was reopened meanwhile', async () => {
  await using world = await startWorld()
  const { api, sue, at, ticketId, until, clock } = await broughtLate(world)
  await until(at(91))
  await api.tickets.reopen.mutate({ ticketId })
  await until(at(91, 1))
  const [listed] = await sue.api.parked.listBackdated.query()
  await sue.api.parked.approveBackdated.mutate({ commandId: listed?.id ?? '' })
  expect(await clock()).toMatchObject({ state: 'running', elapsedMs: 236 * MINUTE, dueAt: at(91, 5), breachAt: null })
  expect(await api.tickets.get.query({ ticketId })).toMatchObject({ status: 'in_progress', resolvedAt: null })
})

it('approves the time of nothing that came in time, was not brought by a device, or is parked', async () => {
  await using world = await startWorld()
  const { sue, id: ticketId } = await parkedResolve(world)
  const approve = (commandId: string) => codeOf(sue.api.parked.approveBackdated.mutate({ commandId }))
  const { id: parked } = await onlyParked(sue)
  expect(await approve(parked)).toBe('conflict')
  const { api } = await world.desk()
  const desk = await world.device(await world.person('ann', 'admin'))
  const inTime = await desk.send('comment.add', {
    ticketId,
    commentId: v7(),
    body: 'On my way',
    visibility: 'internal',
  })
  await desk.settled()
  expect(await approve(inTime)).toBe('conflict')
  expect(await approve(v7())).toBe('not-found')
  expect(await api.parked.listBackdated.query()).toEqual([])
})

it('approves the time of parked work together with the work', async () => {
  await using world = await startWorld()
  const began = world.clock.now()
  const { sue, get } = await parkedResolve(world, async (device, id) => {
    await device.tickets.resolve({ ticketId: id, resolution: 'New fuser' })
    await world.advance(80 * HOUR)
  })
  const { id: commandId, claimedAt } = await onlyParked(sue)
  expect(claimedAt).toBe(began)
  await sue.api.parked.approve.mutate({ commandId })
  expect(await get()).toMatchObject({ status: 'resolved', resolvedAt: began })
})
