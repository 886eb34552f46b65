/** `rejoin import servicenow`: what a log becomes. */
import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { checkLaws } from '../harness/laws.ts'
import { OPENED, LIFE, REAL_LOG, csv, startPlace, at } from './place.ts'

it('makes a ticket of an incident, with the times of its log', async () => {
  using place = startPlace()
  const { code, stdout } = await place.run(place.write('log.csv', csv(LIFE)))
  expect(stdout).toMatch(/^7 rows read from log.csv/)
  expect(stdout).toContain('1 ticket, 4 users, 2 departments')
  expect(code).toBe(0)

  await using app = await place.open()
  const ticket = await app.read.selectFrom('ticket').selectAll().executeTakeFirstOrThrow()
  expect(ticket).toMatchObject({
    number: 'TKT-0001',
    title: 'INC1: Printing',
    status: 'closed',
    priority: 'high',
    category: 'Printing',
    subcategory: null,
    site: 'Lagos',
    source: 'import',
    resolution: 'code 5',
    reopenCount: 1,
    createdAt: at('2016-02-29T09:00'),
    resolvedAt: at('2016-03-01T07:50'),
    closedAt: at('2016-03-02T08:00'),
  })
  expect(JSON.parse(ticket.custom)).toEqual({ servicenowNumber: 'INC1', contactType: 'Phone' })
  await checkLaws(app, [])
})

it('says how our verdict on the SLA of each incident compares with that of the log', async () => {
  using place = startPlace()
  const rows = LIFE.flatMap((row) => [
    { ...row, made_sla: 'FALSE' },
    { ...row, number: 'INC2', made_sla: 'TRUE' },
  ])
  const { stdout } = await place.run(place.write('log.csv', csv(rows)))
  expect(stdout).toContain("Rejoin's resolution clocks agree with made_sla in the log in 50.0 % of 2 (0 undecided)")
  expect(stdout).toContain('both met 0, both breached 1, only Rejoin met 0, only the log met 1')
  expect(stdout).toContain('1 waited (the other policy may not pause), 1 were reopened, 1 changed priority')
})

it('tells each change as an event at the time of its row and by whom the row names', async () => {
  using place = startPlace()
  await place.run(place.write('log.csv', csv(LIFE)))
  await using app = await place.open()
  const events = await app.read
    .selectFrom('event')
    .innerJoin('user', 'user.id', 'event.actorId')
    .select(['type', 'user.name', 'effectiveAt', 'payload'])
    .where('subject', '=', 'ticket')
    .orderBy('event.id')
    .execute()
  const told = events.map(({ type, name, effectiveAt, payload }) => {
    const { from, to, reason } = JSON.parse(payload) as { from?: unknown; to?: unknown; reason?: string }
    const isStatus = type === 'ticket-status-changed'
    const change = isStatus ? `${String(from)} to ${String(to)}${reason === null ? '' : ` (${reason})`}` : type
    return `${new Date(effectiveAt).toISOString().slice(5, 16)} ${name}: ${change}`
  })
  expect(told).toEqual([
    '02-29T09:00 Dora Desk: ticket-created',
    '02-29T09:30 Dora Desk: ticket-moved',
    '02-29T09:30 Dora Desk: ticket-assigned',
    '02-29T09:30 Dora Desk: open to in_progress',
    '02-29T10:00 Dora Desk: ticket-edited',
    '02-29T10:00 Dora Desk: in_progress to on_hold (Awaiting Problem)',
    '02-29T11:00 Dora Desk: on_hold to resolved',
    '02-29T12:00 Dora Desk: resolved to in_progress',
    '03-01T08:00 Bob: in_progress to resolved',
    '03-02T08:00 Dora Desk: resolved to closed',
  ])
})

it('lets the clocks follow the history, and notifies nobody of it', async () => {
  using place = startPlace()
  await place.run(place.write('log.csv', csv(LIFE)))
  await using app = await place.open()
  const clock = await app.read
    .selectFrom('slaClock')
    .selectAll()
    .where('metric', '=', 'resolution')
    .executeTakeFirstOrThrow()
  // An hour until it waited, and from noon to eight; the wait and the time it was resolved do not count.
  expect(clock).toMatchObject({ state: 'stopped', startAt: at('2016-02-29T09:00'), elapsedMs: 21 * 3_600_000 })
  expect(clock.stopAt).toBe(at('2016-03-01T08:00'))
  expect(await app.read.selectFrom('notification').selectAll().execute()).toEqual([])
})

it('makes agents of those who work, in the departments they work in, and requesters of those who ask', async () => {
  using place = startPlace()
  const own = { ...OPENED, number: 'INC2', caller_id: 'Ada', sys_updated_by: '?', assigned_to: 'José  García' }
  await place.run(place.write('log.csv', csv([own, ...LIFE])))
  await using app = await place.open()
  const users = await app.read
    .selectFrom('user')
    .leftJoin('membership', 'membership.userId', 'user.id')
    .leftJoin('department', 'department.id', 'membership.departmentId')
    .select(['user.name', 'email', 'role', 'status', 'passwordHash', 'department.name as department'])
    .orderBy('user.name')
    .execute()
  const person = { status: 'active', passwordHash: null }
  expect(users).toEqual([
    { ...person, name: 'Ada', email: 'ada@example.invalid', role: 'agent', department: 'Field' },
    { ...person, name: 'Bob', email: 'bob@example.invalid', role: 'agent', department: 'Field' },
    { ...person, name: 'Carla Caller', email: 'carla-caller@example.invalid', role: 'requester', department: null },
    { ...person, name: 'Dora Desk', email: 'dora-desk@example.invalid', role: 'agent', department: null },
    {
      ...person,
      name: 'José García',
      email: expect.stringMatching(/^jose-garcia\.[0-9a-f]{8}@example\.invalid$/),
      role: 'agent',
      department: 'Desk',
    },
  ])
})

it('imports a real log: 5,998 updates of 890 incidents', { timeout: 120_000 }, async ({ skip }) => {
  skip(!existsSync(REAL_LOG), `the log is not part of the project, and is not at ${REAL_LOG}`)
  using place = startPlace()
  const { code, stdout } = await place.run(REAL_LOG, '--json')
  expect(JSON.parse(stdout)).toMatchObject({ rows: 5998, taken: 5998, skipped: 0, created: { tickets: 890 } })
  expect(code).toBe(0)
  await using app = await place.open()
  const statuses = await app.read.selectFrom('ticket').select('status').distinct().execute()
  expect(statuses).toEqual([{ status: 'closed' }])
  const running = await app.read.selectFrom('slaClock').select('id').where('state', '!=', 'stopped').execute()
  expect(running).toEqual([])
  await checkLaws(app, [])
})
