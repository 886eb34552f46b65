/** `rejoin import servicenow`, through its command line: what a log becomes, and what it leaves alone. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { watch } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { openApp, type App } from '@rejoin/server/app.ts'
import { readConfig } from '@rejoin/server/config.ts'
import { openDatabase } from '@rejoin/server/core/db.ts'
import { checkLaws } from './harness/laws.ts'

const ROOT = resolve(import.meta.dirname, '..')
const MAIN = join(ROOT, 'server/src/main.ts')
const REAL_LOG = resolve(ROOT, '../shared/data/servicenow-incidents.csv.gz')

const COLUMNS = (
  'number incident_state reopen_count sys_mod_count caller_id opened_by opened_at sys_updated_by sys_updated_at ' +
  'contact_type location category subcategory u_symptom priority assignment_group assigned_to closed_code ' +
  'resolved_by resolved_at closed_at'
).split(' ')

type Cells = Readonly<Record<string, string>>

const OPENED: Cells = {
  number: 'INC1',
  incident_state: 'New',
  reopen_count: '0',
  sys_mod_count: '0',
  caller_id: 'Carla Caller',
  opened_by: 'Dora Desk',
  opened_at: '29-02-2016 09:00',
  sys_updated_by: 'Dora Desk',
  sys_updated_at: '29-02-2016 09:05',
  contact_type: 'Phone',
  location: 'Lagos',
  category: 'Printing',
  priority: '3 - Moderate',
  assignment_group: 'Desk',
}

/** One incident that is moved, assigned, made to wait, resolved, reopened, resolved again and closed. */
const LIFE: readonly Cells[] = [
  {},
  { sys_updated_at: '29-02-2016 09:30', incident_state: 'Active', assignment_group: 'Field', assigned_to: 'Ada' },
  { sys_updated_at: '29-02-2016 10:00', incident_state: 'Awaiting Problem', priority: '2 - High' },
  { sys_updated_at: '29-02-2016 11:00', incident_state: 'Resolved', closed_code: 'code 5' },
  { sys_updated_at: '29-02-2016 12:00', incident_state: 'Active', reopen_count: '1' },
  { sys_updated_at: '01-03-2016 08:00', incident_state: 'Resolved' },
  { sys_updated_at: '02-03-2016 08:00', incident_state: 'Closed' },
].reduce<Cells[]>((rows, change) => {
  const last = { resolved_by: 'Bob', resolved_at: '01-03-2016 07:50', closed_at: '02-03-2016 08:00' }
  return [...rows, { ...OPENED, ...last, ...rows.at(-1), sys_mod_count: String(rows.length), ...change }]
}, [])

function csv(rows: readonly Cells[]): string {
  const lines = rows.map((row) => COLUMNS.map((name) => row[name] ?? '?').join(','))
  return [COLUMNS.join(','), ...lines, ''].join('\r\n')
}

function manyIncidents(amount: number): Cells[] {
  const numbers = Array.from({ length: amount }, (_, index) => `INC${index + 1}`)
  return numbers.flatMap((number) => LIFE.map((row) => ({ ...row, number })))
}

function startPlace() {
  const dir = mkdtempSync(join(tmpdir(), 'rejoin-import-'))
  const dataDir = join(dir, 'data')
  const environment = { REJOIN_DATA_DIR: dataDir, REJOIN_LOG_LEVEL: 'silent' }
  const options = { env: { ...process.env, ...environment }, cwd: dir }
  const argumentsFor = (file: string, flags: readonly string[]) => [MAIN, 'import', 'servicenow', file, ...flags]
  return {
    dir,
    dataDir,
    write(name: string, content: string | Buffer): string {
      writeFileSync(join(dir, name), content)
      return name
    },
    run(file: string, ...flags: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
      return new Promise((done) => {
        const child = execFile(process.execPath, argumentsFor(file, flags), options, (_failed, stdout, stderr) =>
          done({ code: child.exitCode ?? -1, stdout, stderr }),
        )
      })
    },
    start: (file: string) => spawn(process.execPath, argumentsFor(file, []), { ...options, stdio: 'ignore' }),
    async open(): Promise<App & AsyncDisposable> {
      const app = await openApp(readConfig(environment))
      return { ...app, [Symbol.asyncDispose]: () => app.close() }
    },
    /** Everything an import writes, without what differs from run to run. */
    async content(): Promise<unknown> {
      const db = await openDatabase(dataDir)
      const { reader } = db
      const tickets = reader
        .selectFrom('ticket')
        .select(['number', 'title', 'status', 'assigneeId', 'resolvedAt', 'rev'])
      const events = reader.selectFrom('event').select(['subjectId', 'type', 'actorId', 'effectiveAt', 'seq'])
      const receipts = reader.selectFrom('receipt').select(['id', 'outcome', 'output'])
      const users = reader.selectFrom('user').select(['id', 'email', 'role', 'scopeSeq'])
      const members = reader.selectFrom('membership').selectAll().orderBy('userId').orderBy('departmentId')
      const clocks = reader.selectFrom('slaClock').select(['ticketId', 'metric', 'state', 'elapsedMs', 'stopAt'])
      const queries = [
        tickets.orderBy('id'),
        events.orderBy('id'),
        receipts.orderBy('id'),
        users.orderBy('id'),
        members,
      ]
      const rows = [clocks.orderBy('ticketId').orderBy('metric'), ...queries].map((query) => query.execute())
      const content = await Promise.all(rows)
      await db.close()
      return content
    },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true }),
  }
}

function at(time: string): number {
  return Date.parse(`${time}Z`)
}

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

it('names each row that it cannot read by its line, and takes the others', async () => {
  using place = startPlace()
  const [first = {}, second = {}, third = {}] = LIFE
  const rows = [
    first,
    { ...second, incident_state: '-100' },
    { ...second, sys_updated_at: '31-02-2016 09:30' },
    { ...second, number: '?' },
    { ...second, priority: 'soon' },
    second,
    third,
  ]
  const lines = csv(rows).split('\r\n')
  lines.splice(3, 0, 'INC1,Active,0', '')
  const { code, stdout } = await place.run(place.write('log.csv', lines.join('\r\n')), '--json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    rows: 8,
    taken: 3,
    skipped: 5,
    skippedRows: [
      { line: 3, field: 'incident_state', reason: expect.stringMatching(/^"-100" is none of New, Active, Awaiting/) },
      { line: 4, field: null, reason: 'has 3 columns where the header has 21' },
      { line: 6, field: 'sys_updated_at', reason: '"31-02-2016 09:30" is not a time such as 29-02-2016 01:16' },
      { line: 7, field: 'number', reason: 'is missing' },
      { line: 8, field: 'priority', reason: expect.stringMatching(/^"soon" is none of 1 - Critical/) },
    ],
  })
})

it('prints twenty of the rows that it skipped and counts the rest; with none left it ends with 1', async () => {
  using place = startPlace()
  const rows = Array.from({ length: 25 }, () => ({ ...OPENED, opened_at: 'yesterday' }))
  const { code, stdout } = await place.run(place.write('log.csv', csv(rows)))
  expect(stdout.match(/line \d+: opened_at: "yesterday" is not a time/g)).toHaveLength(20)
  expect(stdout).toContain('and 5 more')
  expect(code).toBe(1)
})

it('changes nothing when it takes the same log in again, plain or gzipped under any name', async () => {
  using place = startPlace()
  const text = csv([...LIFE, { ...OPENED, number: 'INC2' }])
  await place.run(place.write('log.csv', text))
  const before = await place.content()
  const { stdout } = await place.run(place.write('again.csv', gzipSync(text)), '--json')
  expect(JSON.parse(stdout)).toMatchObject({ rows: 8, taken: 0, alreadyThere: 8, created: { tickets: 0, users: 0 } })
  expect(await place.content()).toEqual(before)
})

it('takes a row once that stands twice in a log', async () => {
  using place = startPlace()
  const { stdout } = await place.run(place.write('log.csv', csv([OPENED, OPENED])), '--json')
  expect(JSON.parse(stdout)).toMatchObject({ rows: 2, taken: 1, alreadyThere: 1, created: { tickets: 1 } })
})

it('comes to the same after it was killed in the middle', async () => {
  using whole = startPlace()
  using killed = startPlace()
  const text = csv(manyIncidents(150))
  await whole.run(whole.write('log.csv', text))

  mkdirSync(killed.dataDir)
  const child = killed.start(killed.write('log.csv', text))
  const wal = join(killed.dataDir, 'rejoin.db-wal')
  // The schema alone is below that size, the first rows with it above.
  for await (const _ of watch(killed.dataDir)) if (existsSync(wal) && statSync(wal).size > 800_000) break
  child.kill('SIGKILL')
  await once(child, 'exit')
  const { stdout } = await killed.run('log.csv', '--json')
  const { taken, alreadyThere } = JSON.parse(stdout) as { taken: number; alreadyThere: number }
  expect([taken + alreadyThere, taken > 0, alreadyThere > 0]).toEqual([1050, true, true])
  expect(await killed.content()).toEqual(await whole.content())
})

it('keeps what it took in before a log breaks off, says so, and goes on from there', async () => {
  using place = startPlace()
  const zipped = gzipSync(csv(manyIncidents(150)))
  const broken = await place.run(place.write('log.csv.gz', zipped.subarray(0, zipped.length - 500)), '--json')
  expect(broken.code).toBe(1)
  expect(broken.stderr).toMatch(/^log.csv.gz is damaged: its gzip data breaks off/)
  const { taken, stopped } = JSON.parse(broken.stdout) as { taken: number; stopped: string }
  expect([taken > 0, stopped.includes('breaks off')]).toEqual([true, true])
  const { stdout } = await place.run(place.write('log.csv.gz', zipped), '--json')
  expect(JSON.parse(stdout)).toMatchObject({ rows: 1050, taken: 1050 - taken, alreadyThere: taken, stopped: null })
})

it('says what it would do and writes nothing in a dry run', async () => {
  using place = startPlace()
  place.write('log.csv', csv(LIFE.slice(0, 3)))
  const { code, stdout } = await place.run('log.csv', '--dry-run')
  expect(stdout).toMatch(/^Dry run: nothing was written.*\n3 rows/)
  expect([code, readdirSync(place.dir)]).toEqual([0, ['log.csv']])

  await place.run('log.csv')
  const before = await place.content()
  const later = await place.run(place.write('later.csv', csv(LIFE)), '--dry-run', '--json')
  expect(JSON.parse(later.stdout)).toMatchObject({ dryRun: true, taken: 4, alreadyThere: 3, created: { tickets: 0 } })
  expect(await place.content()).toEqual(before)
})

it('refuses while a server has the data directory, a dry run too', async () => {
  using place = startPlace()
  place.write('log.csv', csv(LIFE))
  await using _server = await place.open()
  for (const flags of [[], ['--dry-run']]) {
    const { code, stdout, stderr } = await place.run('log.csv', ...flags)
    expect(stderr).toMatch(/^The data directory .* is in use by another Rejoin process\./)
    expect([code, stdout]).toEqual([1, ''])
  }
})

it.each<[string, string | Buffer | null, string]>([
  ['none.csv', null, 'There is no file none.csv.'],
  ['.', null, '. is a folder, not a file.'],
  ['empty.csv', '', 'empty.csv is empty.'],
  ['header.csv', csv([]), 'header.csv has columns but no rows.'],
  ['log.json', '{"a": 1}', 'log.json is not a ServiceNow incident log: its first line names no column of one'],
  ['other.csv', 'number,priority\n1,2\n', 'it lacks the columns incident_state, reopen_count'],
  ['gzip-of-nothing', Buffer.from([31, 139, 0, 0]), 'gzip-of-nothing is damaged: its gzip data breaks off'],
  ['half.gz', gzipSync(csv(LIFE)).subarray(0, -20), 'half.gz is damaged: its gzip data breaks off'],
  ['quote.csv', `${csv(LIFE)}"INC2,New`, 'quote.csv is not well-formed CSV: a quote is opened and not closed'],
])('refuses %s in a sentence, with nothing written', async (name, content, says) => {
  using place = startPlace()
  if (content !== null) place.write(name, content)
  const { code, stdout, stderr } = await place.run(name)
  expect(stderr).toContain(says)
  expect([code, stdout, stderr.split('\n').length, existsSync(place.dataDir)]).toEqual([1, '', 2, false])
})

it('takes in a real log: 5,998 updates of 890 incidents', { timeout: 120_000 }, async ({ skip }) => {
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
