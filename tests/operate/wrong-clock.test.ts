/** `rejoin doctor` finds times stored by a clock that was ahead, `--fix` corrects them; it checks every stored time. */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { v7 } from 'uuid'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { backupsIn } from '@rejoin/server/operations/backup/folder.ts'
import type { Finding } from '@rejoin/server/cli/doctor/finding.ts'
import { STORED_TIMES } from '@rejoin/server/operations/clock/stored-times.ts'
import { DAY, pass, whileWrong } from '../clocks/wrong.ts'
import { rowsOnDisk } from '../harness/database.ts'
import { rejoin } from '../harness/rejoin.ts'
import { startWorld, type World } from '../harness/world.ts'

let dataDir = ''
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

const FILE = 'rejoin.db'

function leave(world: World, change = ''): void {
  {
    using source = new DatabaseSync(join(world.dataDir, FILE), { readOnly: true })
    source.exec(`vacuum into '${join(dataDir, FILE)}'`)
  }
  using db = new DatabaseSync(join(dataDir, FILE))
  db.exec(change)
  chmodSync(join(dataDir, FILE), 0o600)
}

async function examine(args: readonly string[] = []) {
  const { code, out, errors } = await rejoin(['doctor', '--json', '--data-dir', dataDir, ...args])
  if (out === '') throw new Error(errors)
  const { findings } = JSON.parse(out) as { findings: Finding[] }
  return { code, findings, errors: findings.filter(({ severity }) => severity === 'error').map(({ check }) => check) }
}

const MIGRATED = readFileSync(resolve(import.meta.dirname, '../../migrations/schema.sql'), 'utf8')
/** Times that a person may have set to any value, or that follow from other rows: `--fix` computes the latter anew. */
const ELSEWHERE = new Set([
  'ticket.dueAt',
  'audit.at',
  'event.effectiveAt',
  ...['startAt', 'markAt', 'dueAt', 'stopAt', 'breachAt', 'excusedAt', 'nextFireAt'].map(
    (column) => `slaClock.${column}`,
  ),
])

it('knows the longest of every time that the database keeps', () => {
  const tables = [...MIGRATED.matchAll(/create table "?(\w+)"? \(([\s\S]*?)\n? *\) strict/gi)]
  const times = tables.flatMap(([, table = '', columns = '']) =>
    [...columns.matchAll(/"?\b(at|until|lastStep|\w+At)\b"? integer/g)].map(([, column]) => `${table}.${column}`),
  )
  expect(times.length).toBeGreaterThan(60)
  const known = STORED_TIMES.map(({ table, column }) => `${table}.${column}`)
  expect(times.filter((time) => !known.includes(time) && !ELSEWHERE.has(time))).toEqual([])
  expect(known.filter((time) => !times.includes(time))).toEqual([])
})

it.each([1, 365])(
  'finds and mends a database whose server was %i days ahead for seven seconds',
  async (days) => {
    await using world = await startWorld()
    // The doctor goes by the clock of this machine.
    world.clock.advance(Date.now() - world.clock.now() - 10 * 60_000)
    const before = await world.ticket({ priority: 'urgent' })
    const wrong = async () => {
      const api = connectApi(world.url, await world.newToken((await world.desk()).id))
      const departmentId = await world.department('support')
      await api.tickets.create.mutate({ ticketId: v7(), title: 'Of another day', priority: 'urgent', departmentId })
      await api.tickets.transition.mutate({ ticketId: before.id, to: 'on_hold', reason: 'Parts' })
      await api.tickets.comment.mutate({ ticketId: before.id, commentId: v7(), body: 'Waiting', visibility: 'public' })
      await api.invitations.create.mutate({ email: 'ned@example.org', role: 'requester' })
      await world.advance(2000)
    }
    await whileWrong(world, days * DAY, wrong)
    leave(world)
    await pass(world, 3 * 60_000)

    const found = await examine()
    expect(found.code).toBe(2)
    const finding = found.findings.find(({ check }) => check === 'times')
    expect(finding).toMatchObject({ severity: 'error', hint: expect.stringContaining('rejoin doctor --fix') })
    expect(finding?.message).toMatch(/event\.recordedAt.*ticket\.createdAt.*comment\.createdAt/)
    const mended = await examine(['--fix'])
    expect({ code: mended.code, errors: mended.errors }).toEqual({ code: 0, errors: [] })
    expect(backupsIn(join(dataDir, 'backups'))).toHaveLength(1)

    const [ahead] = rowsOnDisk(
      dataDir,
      `select max(createdAt) as ticket, (select max(effectiveAt) from event) as event,
      (select max(createdAt) from comment) as comment, (select max(startAt) from slaClock) as clock from ticket`,
    )
    for (const at of Object.values(ahead ?? {})) expect(Number(at)).toBeLessThanOrEqual(Date.now())
    expect(await rejoin(['sla', 'recompute', '--dry-run', '--data-dir', dataDir])).toMatchObject({
      code: 0,
      out: 'All SLA clocks match the event log.\n',
    })
  },
  120_000,
)

it('puts back each time that is further ahead than it can be, and no other', async () => {
  await using world = await startWorld()
  world.clock.advance(Date.now() - world.clock.now())
  await world.ticket()
  const far = Date.now() + 400 * DAY
  leave(
    world,
    `insert into attempt values ('sign-in', 'one', 9, ${far}, ${far}), ('sign-in', 'two', 9, 1, ${Date.now() + 60_000});
     insert into lease values ('sla-sweep', 'who', ${far});
     update session set expiresAt = ${far};`,
  )
  expect((await examine()).errors).toEqual(['times'])
  expect((await examine(['--fix'])).errors).toEqual([])
  const [one, two] = rowsOnDisk(dataDir, 'select lastAt, nextAt from attempt order by subject')
  expect(Number(one?.['lastAt'])).toBeLessThanOrEqual(Date.now())
  expect(Number(two?.['nextAt'])).toBeGreaterThan(Date.now() - 60_000)
  const [session] = rowsOnDisk(dataDir, 'select expiresAt from session')
  expect(Number(session?.['expiresAt'])).toBeLessThanOrEqual(Date.now() + 30 * DAY)
  expect(Number(session?.['expiresAt'])).toBeGreaterThan(Date.now() + 29 * DAY)
}, 60_000)

it('lets what was made ahead live as long as it was to', async () => {
  await using world = await startWorld()
  world.clock.advance(Date.now() - world.clock.now())
  const { id } = await world.desk()
  const made = Date.now() + 200 * DAY
  leave(
    world,
    `insert into apiToken (id, userId, name, scopes, createdAt, expiresAt) values ('a', '${id}', 'one', '[]', ${made}, ${made + DAY});
     insert into invitation (id, email, role, departments, needsApproval, tokenHash, createdAt, expiresAt)
     values ('i', 'x@example.com', 'requester', '[]', 0, 'h', ${made}, ${made + 2 * DAY});`,
  )
  expect((await examine(['--fix'])).errors).toEqual([])
  const lives = rowsOnDisk(
    dataDir,
    `select expiresAt from apiToken where id = 'a' union all select expiresAt from invitation`,
  ).map(({ expiresAt }) => Math.round((Number(expiresAt) - Date.now()) / DAY))
  expect(lives).toEqual([1, 2])
}, 60_000)

it('reports changes of a clock that was ahead when that time has come, and does not judge them', async () => {
  await using world = await startWorld()
  world.clock.advance(Date.now() - world.clock.now() - DAY)
  for (let each = 0; each < 3; each += 1) {
    await world.ticket()
    await pass(world, 60_000)
  }
  leave(world, `update revision set at = at + 3600000 where seq = (select max(seq) - 1 from revision)`)
  const before = rowsOnDisk(dataDir, 'select at from revision')
  const { code, findings } = await examine(['--fix'])
  expect(code).toBe(0)
  expect(findings.find(({ check }) => check === 'times')).toMatchObject({
    severity: 'warning',
    message: expect.stringMatching(/^1 changes are dated later than changes/),
  })
  expect(rowsOnDisk(dataDir, 'select at from revision')).toEqual(before)
}, 60_000)
