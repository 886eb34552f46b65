/** The sweep: it finds every due clock, once, also when the process crashes, and touches nothing else. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { openApp } from '@rejoin/server/app.ts'
import { sweepClocks } from '@rejoin/server/slices/sla/sweep.ts'
import { startWorld, type World } from '../harness/world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** An urgent ticket whose deadlines have both passed, with an assignee and two supervisors who hear of it. */
async function overdue(world: World) {
  const ada = await world.person('ada', 'agent')
  const people = [ada, await world.person('sue', 'supervisor'), await world.person('tom', 'supervisor')]
  await world.person('uma', 'supervisor', ['elsewhere'])
  const startedAt = world.clock.now()
  const { id } = await world.ticket({ priority: 'urgent', assignee: ada })
  world.clock.advance(5 * HOUR)
  return { id, people, startedAt }
}

async function breaches({ read }: World['app']) {
  const events = await read
    .selectFrom('slaEvent')
    .select(['effectiveAt', 'detectedAt'])
    .where('kind', '=', 'breach')
    .execute()
  const rows = await read.selectFrom('notification').select('userId').where('type', '=', 'sla-breached').execute()
  return { events, told: rows.map(({ userId }) => userId).toSorted() }
}

it('records a breach at its deadline and when it was detected', async () => {
  await using world = await startWorld()
  const { startedAt } = await overdue(world)
  await world.advance(0)
  const detectedAt = world.clock.now()
  expect((await breaches(world.app)).events).toEqual([
    { effectiveAt: startedAt + 30 * MINUTE, detectedAt },
    { effectiveAt: startedAt + 4 * HOUR, detectedAt },
  ])
})

it('tells each recipient once for each breach, however often it runs', async () => {
  await using world = await startWorld()
  const { people } = await overdue(world)
  await Promise.all([sweepClocks(world.app), sweepClocks(world.app)])
  await sweepClocks(world.app)
  await world.restart()
  await world.advance(HOUR)
  const { events, told } = await breaches(world.app)
  expect(events).toHaveLength(2)
  expect(told).toEqual(people.flatMap(({ id }) => [id, id]).toSorted())
})

it('records each breach once when the server crashes before or after it', async () => {
  await using world = await startWorld()
  await overdue(world)
  for (const isSwept of [false, true]) {
    if (isSwept) await sweepClocks(world.app)
    const dataDir = mkdtempSync(join(tmpdir(), 'rejoin-crash-'))
    // As after a crash: the database and its log as they are while the server runs.
    for (const name of ['rejoin.db', 'rejoin.db-wal']) cpSync(join(world.dataDir, name), join(dataDir, name))
    const survivor = await openApp({ ...world.app.config, dataDir }, { now: world.clock.now })
    await sweepClocks(survivor)
    const { events, told } = await breaches(survivor)
    expect({ events: events.length, told: told.length }).toEqual({ events: 2, told: 6 })
    await survivor.close()
    rmSync(dataDir, { recursive: true })
  }
})

it('takes a breach back when a device brings an earlier resolve', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const { id: ticketId } = await world.ticket({ priority: 'urgent', assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  await world.advance(4 * HOUR - 5 * MINUTE)
  await ada.tickets.resolve({ ticketId, resolution: 'New fuser' })
  const resolvedAt = world.clock.now()
  await world.advance(4 * HOUR)
  const { api } = await world.desk()
  const clock = async () =>
    (await api.tickets.get.query({ ticketId })).clocks.find(({ metric }) => metric === 'resolution')
  expect(await clock()).toMatchObject({ state: 'running', breachedAt: resolvedAt + 5 * MINUTE })
  await ada.rejoin()
  expect(await clock()).toMatchObject({ state: 'stopped', stoppedAt: resolvedAt, breachedAt: null })
  const { read } = world.app
  const kinds = await read
    .selectFrom('slaEvent')
    .innerJoin('slaClock', 'slaClock.id', 'clockId')
    .select(['kind', 'effectiveAt'])
    .where('metric', '=', 'resolution')
    .orderBy('slaEvent.id')
    .execute()
  expect(kinds.map(({ kind }) => kind)).toEqual(['start', 'breach', 'stop', 'retract'])
  expect(kinds.at(-1)).toMatchObject({ effectiveAt: resolvedAt })
})

it('records a new breach after one that was taken back', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  const { id: ticketId } = await world.ticket({ priority: 'urgent', assignee: ada.person })
  await ada.rejoin()
  ada.disconnect()
  await world.advance(3 * HOUR)
  await ada.tickets.resolve({ ticketId, resolution: 'New fuser' })
  await world.advance(3 * HOUR)
  await ada.rejoin()
  const { api } = await world.desk()
  await api.tickets.reopen.mutate({ ticketId })
  const reopenedAt = world.clock.now()
  await world.advance(2 * HOUR)
  const { clocks } = await api.tickets.get.query({ ticketId })
  expect(clocks).toContainEqual(expect.objectContaining({ metric: 'resolution', breachedAt: reopenedAt + HOUR }))
  const history = await api.tickets.history.query({ ticketId })
  const metrics = history.filter(({ type }) => type === 'sla-breached').map(({ payload }) => payload['metric'])
  expect(metrics).toEqual(['first_response', 'resolution', 'resolution'])
})

it('writes as much for one clock that is due among five as among fifty', async () => {
  await using world = await startWorld()
  const rowsWritten = async () => {
    const { rows } = await sql<{ count: number }>`select total_changes() as count`.execute(world.app.db.writer)
    return rows[0]?.count ?? 0
  }
  const sweep = async () => {
    const before = await rowsWritten()
    await sweepClocks(world.app)
    return (await rowsWritten()) - before
  }
  /** One urgent ticket among `others` that have days left; the cost of the sweep when its answer is due. */
  const costAmong = async (others: number) => {
    await Promise.all(Array.from({ length: others }, () => world.ticket({ priority: 'low' })))
    expect(await sweep(), 'nothing is due').toBe(0)
    const { id: ticketId } = await world.ticket({ priority: 'urgent' })
    world.clock.advance(31 * MINUTE)
    const cost = await sweep()
    const { api } = await world.desk()
    await api.tickets.resolve.mutate({ ticketId, resolution: 'Done' })
    return cost
  }
  const costs = [await costAmong(5), await costAmong(45)]
  expect(costs[0]).toBeGreaterThan(0)
  expect(costs[1]).toBe(costs[0])
})

it('leaves clocks that are not due as they are', async () => {
  await using world = await startWorld()
  await world.ticket({ priority: 'low' })
  const rows = () => world.app.read.selectFrom('slaClock').selectAll().orderBy('id').execute()
  const revision = () => world.app.read.selectFrom('revision').selectAll().execute()
  const before = [await rows(), await revision()]
  await world.advance(7 * HOUR)
  expect([await rows(), await revision()]).toEqual(before)
})

it('finds more clocks than fit into one batch', async () => {
  await using world = await startWorld()
  await Promise.all(Array.from({ length: 260 }, () => world.ticket({ priority: 'urgent' })))
  await world.advance(5 * HOUR)
  expect((await breaches(world.app)).events).toHaveLength(520)
})

it('leaves the sweep to whoever holds it, until they have not come back for a minute', async () => {
  await using world = await startWorld()
  await overdue(world)
  const until = world.clock.now() + MINUTE
  world.app.db.writer.run('insert into lease values (?, ?, ?)', ['sla-sweep', 'another', until])
  await sweepClocks(world.app)
  expect((await breaches(world.app)).events).toEqual([])
  await world.advance(MINUTE)
  expect((await breaches(world.app)).events).toHaveLength(2)
})
