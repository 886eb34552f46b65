/** What an earlier engine has stored is computed anew at the start after an upgrade, once, and only where it differs. */
import { expect, it } from 'vitest'
import { mendDrifting } from '@rejoin/server/slices/sla/operator.ts'
import { driftOf } from '@rejoin/server/slices/sla/clocks/recompute.ts'
import { endsWhereSetBack } from '@rejoin/server/slices/sla/clocks/engine.ts'
import { ALWAYS_OPEN, Calendar } from '@rejoin/shared/sla/calendar.ts'
import { DEFAULT_POLICY } from '@rejoin/server/slices/sla/engine/terms.ts'
import { startWorld, type World } from '../harness/world.ts'

const HOUR = 3_600_000
const SATURDAY = Date.parse('2026-10-31T20:00Z')

/** Two tickets in Havana, one of them done, of Saturday 16:00 to 24:00: eight hours, of which the old engine made nine. */
async function overTheNight(world: World) {
  await world.advance(SATURDAY - world.clock.now())
  const { api } = await world.desk()
  const value = { zone: 'America/Havana', weekly: { sat: [['16:00', '24:00']], mon: [['09:00', '17:00']] } }
  const { output } = await api.sla.calendars.create.mutate({ name: 'Havana', value: Calendar.parse(value) })
  const { calendarId } = output
  const policy = { ...DEFAULT_POLICY, calendarId, targets: { resolution: { medium: 9 * 60 } } }
  await api.sla.policies.edit.mutate({ policyId: 'default', value: policy })
  const open = await world.ticket({ priority: 'medium' })
  const done = await world.ticket({ priority: 'medium' })
  await world.advance(10 * HOUR)
  await api.tickets.resolve.mutate({ ticketId: done.id, resolution: 'Done' })
  return { api, ids: [open.id, done.id] }
}

/** As an earlier program has left them. */
function leaveByOldEngine({ app }: World, engine: string | null): void {
  const { writer } = app.db
  writer.run('update "slaClock" set "dueAt" = ? where "stopAt" is null', [SATURDAY + 9 * HOUR])
  writer.run('update "slaClock" set "elapsedMs" = ?, "dueAt" = ? where "stopAt" is not null', [
    9 * HOUR,
    SATURDAY + 9 * HOUR,
  ])
  writer.run(`delete from meta where key = 'sla-engine'`, [])
  if (engine !== null) writer.run(`insert into meta values ('sla-engine', ?)`, [engine])
}

const drifts = ({ app, clock }: World, ids: readonly string[]) =>
  ids.flatMap((id) => driftOf(app.db.reader, id, clock.now()).map(({ field }) => field))

it('computes the clocks of an earlier engine anew at the start, of open and of ended tickets, and tells nobody', async () => {
  await using world = await startWorld()
  const { api, ids } = await overTheNight(world)
  expect(drifts(world, ids)).toEqual([])
  const told = (await api.notifications.list.query({})).length
  leaveByOldEngine(world, null)
  expect(drifts(world, ids)).toEqual(['resolution 1 dueAt', 'resolution 1 elapsedMs', 'resolution 1 dueAt'])
  await world.restart()
  expect(drifts(world, ids)).toEqual([])
  expect((await api.notifications.list.query({})).length).toBe(told)
  const { clocks } = await api.sla.check.query({ ticketId: ids[1] ?? '' })
  expect(clocks.map(({ elapsedMs }) => elapsedMs)).toEqual([8 * HOUR])
})

it('goes on from where it was stopped, and does not look again when it is done', async () => {
  await using world = await startWorld()
  const { ids } = await overTheNight(world)
  const [first = '', second = ''] = ids.toSorted()
  leaveByOldEngine(world, JSON.stringify({ engine: 2, after: first }))
  await world.restart()
  expect(drifts(world, [first])).not.toEqual([])
  expect(drifts(world, [second])).toEqual([])
  await world.restart()
  expect(drifts(world, [first])).not.toEqual([])
  await mendDrifting(world.app.commits, [first])
})

it.each([
  ['Europe/Berlin', { sun: ['00:00-02:00'] }, true],
  ['Europe/Berlin', { sun: ['00:00-02:30'] }, false],
  ['Europe/Berlin', { mon: ['00:00-02:00'] }, false],
  ['America/Havana', { sat: ['16:00-24:00'] }, true],
  ['America/Havana', { fri: ['16:00-24:00'] }, false],
  ['UTC', { sat: ['16:00-24:00'], sun: ['00:00-02:00'] }, false],
])('knows which calendars an earlier engine measured otherwise: %s %o', (zone, week, isChanged) => {
  const weekly = Object.fromEntries(
    Object.entries(week).map(([day, each]) => [day, each.map((text) => text.split('-'))]),
  )
  expect(endsWhereSetBack(Calendar.parse({ zone, weekly }))).toBe(isChanged)
})

it('finds no difference in a calendar that is always open', () => {
  expect(endsWhereSetBack(ALWAYS_OPEN)).toBe(false)
})
