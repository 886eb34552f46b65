/** The worked case of offline work: due at 10:00, done at 09:55 without a network, and back at 14:00. */
import { expect, it } from 'vitest'
import { DEFAULT_POLICY } from '@rejoin/server/slices/sla/engine/terms.ts'
import { readClock } from '@rejoin/shared/sla/clock-view.ts'
import { startWorld } from '../harness/world.ts'
import { workedCase } from './worked-case.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

it('has met the resolution that was done before the deadline, and takes the breach back', async () => {
  await using world = await startWorld()
  const { ada, at, ticketId, until, clock, toldOf, api, six } = await workedCase(world, 'resolution')
  await until(at(9, 55))
  await ada.tickets.resolve({ ticketId, resolution: 'New fuser' })
  await until(at(10, 1))
  expect(await clock()).toMatchObject({ state: 'running', breachAt: at(10), isProvisional: true })
  expect(await toldOf('sla-breached')).toEqual(['sue'])
  await until(at(14))
  await ada.rejoin()
  expect(ada.verdicts().at(-1)).toMatchObject({ name: 'ticket.resolve', outcome: 'applied' })
  expect(await clock()).toMatchObject({ state: 'stopped', stopAt: at(9, 55), breachAt: null, elapsedMs: 235 * MINUTE })
  expect(await api.tickets.get.query({ ticketId })).toMatchObject({ status: 'resolved', resolvedAt: at(9, 55) })
  expect(await toldOf('sla-breach-taken-back')).toEqual(['sue'])
  const log = (await api.sla.explain.query({ ticketId })).clocks[0]?.log ?? []
  const ends = log.filter(({ kind }) => ['breach', 'stop', 'retract'].includes(kind))
  expect(ends).toMatchObject([
    { kind: 'breach', effectiveAt: at(10) },
    { kind: 'stop', effectiveAt: at(9, 55), recordedAt: at(14) },
    { kind: 'retract', level: 100 },
    { kind: 'retract', level: 150 },
  ])
  const told = await toldOf('sla-level-reached')
  await until(at(20))
  expect(await toldOf('sla-level-reached')).toEqual(told)
  const { groups } = await api.sla.metrics.query({ from: six, until: at(20) })
  expect(groups).toMatchObject([{ key: 'resolution', met: 1, breached: 0, retracted: 1, attainment: 1 }])
})

it('tells everybody when nothing has come in the grace', async () => {
  await using world = await startWorld()
  const { at, until, clock, toldOf } = await workedCase(world, 'resolution')
  await until(at(10, 1))
  expect(await toldOf('sla-breached')).toEqual(['sue'])
  await until(at(10, 20))
  expect(await toldOf('sla-breach-confirmed')).toEqual([])
  await until(at(10, 32))
  expect(await clock()).toMatchObject({ breachAt: at(10), isProvisional: false })
  expect(await toldOf('sla-breach-confirmed')).toEqual(['ada'])
})

it('has breached the first response of a reply that was written in time and delivered late', async () => {
  await using world = await startWorld()
  const { ada, at, ticketId, until, clock } = await workedCase(world, 'first_response')
  await until(at(9, 55))
  await ada.tickets.comment({ ticketId, body: 'I have a new fuser with me' })
  await until(at(14))
  await ada.rejoin()
  expect(await clock()).toMatchObject({ state: 'stopped', stopAt: at(14), breachAt: at(10) })
})

it('credits what was composed where the policy says so', async () => {
  await using world = await startWorld()
  const { api, ada, at, until, clock } = await workedCase(world, 'first_response')
  const value = { ...DEFAULT_POLICY, targets: { first_response: { medium: 240 } }, creditComposed: true }
  await api.sla.policies.edit.mutate({ policyId: 'default', value })
  await ada.rejoin()
  const { id: ticketId } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  await until(at(9, 55))
  const writtenAt = world.clock.now()
  await ada.tickets.comment({ ticketId, body: 'Signed on site' })
  await until(at(14))
  await ada.rejoin()
  const { clocks } = await api.sla.check.query({ ticketId })
  expect(clocks[0]).toMatchObject({ state: 'stopped', stopAt: writtenAt, breachAt: null })
  expect(await clock()).toMatchObject({ state: 'running' })
})

it('counts down on the device without a network, and knows what a resolve would mean', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const hours = [['09:00', '17:00']] satisfies [string, string][]
  const { output } = await api.sla.calendars.create.mutate({
    name: 'Office',
    value: { zone: 'UTC', weekly: { mon: hours, tue: hours, wed: hours, thu: hours, fri: hours } },
  })
  const target = { name: 'Office', targets: { resolution: { medium: 240 } }, calendarId: output.calendarId }
  await api.sla.policies.create.mutate({ value: { ...DEFAULT_POLICY, ...target } })
  const [ada] = await world.agents('ada')
  // Monday 2026-03-09 15:00.
  await world.advance(Date.parse('2026-03-09T15:00:00Z') - world.clock.now())
  const { id: ticketId } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  const look = () => {
    const view = ada.view(ticketId)
    const clock = view?.clocks.find(({ metric }) => metric === 'resolution')
    if (view == null || clock === undefined) throw new Error('the device holds the ticket')
    return { clock, reading: readClock(clock, view.clockTerms, world.clock.now()) }
  }
  await world.advance(20 * HOUR)
  expect(look().reading).toEqual({ elapsedMs: 4 * HOUR, remainingMs: 0, isOverdue: false, wouldMeet: true })
  await ada.tickets.transition({ ticketId, to: 'waiting_customer', reason: 'Their key' })
  expect(look().clock).toMatchObject({ state: 'paused', elapsedMs: 4 * HOUR })
  await world.advance(2 * HOUR)
  await ada.tickets.transition({ ticketId, to: 'in_progress' })
  await world.advance(HOUR)
  expect(look().reading).toMatchObject({ isOverdue: true, wouldMeet: false })
  await ada.tickets.resolve({ ticketId, resolution: 'New fuser' })
  const predicted = look().clock
  expect(predicted).toMatchObject({ state: 'stopped', stoppedAt: world.clock.now() })
  await ada.rejoin()
  const { clocks } = await api.tickets.get.query({ ticketId })
  const decided = clocks.find(({ metric }) => metric === 'resolution')
  expect(decided).toMatchObject({ state: 'stopped', stoppedAt: predicted.stoppedAt, elapsedMs: predicted.elapsedMs })
})

it('stays with the policy that was chosen last when an edit of before that choice arrives', async () => {
  await using world = await startWorld()
  const { api } = await world.desk()
  const contract = {
    rules: [{ category: ['Printers'], priority: ['high' as const] }],
    targets: { resolution: { high: 120 } },
  }
  await api.sla.policies.create.mutate({ value: { ...DEFAULT_POLICY, name: 'Contract', ...contract } })
  const [ada] = await world.agents('ada')
  const startedAt = world.clock.now()
  const { id: ticketId } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  await world.advance(30 * MINUTE)
  await ada.tickets.edit({ ticketId, set: { category: 'Printers' } })
  await world.advance(30 * MINUTE)
  await api.tickets.edit.mutate({ ticketId, set: { priority: 'high' } })
  await world.advance(10 * MINUTE)
  await ada.rejoin()
  const { clocks } = await api.sla.check.query({ ticketId })
  const [resolution] = clocks.filter(({ metric }) => metric === 'resolution')
  expect(resolution).toMatchObject({ dueAt: startedAt + 2 * HOUR })
})

it('leaves a breach a possible one when late work of somebody else has its clock computed anew', async () => {
  await using world = await startWorld()
  const { api, at, ticketId, until, clock, toldOf } = await workedCase(world, 'resolution')
  const contract = { rules: [{ category: ['Printers'] }], targets: { resolution: { medium: 240 } } }
  await api.sla.policies.create.mutate({ value: { ...DEFAULT_POLICY, name: 'Contract', ...contract } })
  const bob = await world.device(await world.person('bob', 'supervisor'))
  await bob.rejoin()
  bob.disconnect()
  await until(at(9, 30))
  await bob.tickets.edit({ ticketId, set: { category: 'Printers' } })
  await until(at(10, 1))
  expect(await clock()).toMatchObject({ breachAt: at(10), isProvisional: true })
  await bob.rejoin()
  expect(bob.verdicts().at(-1)).toMatchObject({ name: 'ticket.edit', outcome: 'applied' })
  expect(await clock()).toMatchObject({ breachAt: at(10), isProvisional: true })
  expect(await toldOf('sla-breach-taken-back')).toEqual([])
  await until(at(10, 10))
  // Sue, and Bob, who is a supervisor as well: once each.
  expect(await toldOf('sla-breached')).toEqual(['sue', 'somebody'])
})
