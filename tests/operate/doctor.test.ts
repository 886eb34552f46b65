/** `rejoin doctor`: finds each thing that can be wrong, says what to do, and mends what it can without a loss. */
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lockDataDir } from '@rejoin/server/core/storage/data-lock.ts'
import { derivedFaults } from '@rejoin/server/cli/doctor/derived.ts'
import type { Finding } from '@rejoin/server/cli/doctor/finding.ts'
import { startMailServer } from '../harness/mail-server.ts'
import { rejoin, type Run } from '../harness/rejoin.ts'
import { startWorld, type World } from '../harness/world.ts'

let dataDir = ''
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

const FILE = 'rejoin.db'

/** A copy of the world's database that no server works on, changed past the program. */
function leave(world: World, change: string): void {
  rmSync(join(dataDir, FILE), { force: true })
  using source = new DatabaseSync(join(world.dataDir, FILE), { readOnly: true })
  source.exec(`vacuum into '${join(dataDir, FILE)}'`)
  using db = new DatabaseSync(join(dataDir, FILE), { enableForeignKeyConstraints: false })
  db.exec(change)
  chmodSync(join(dataDir, FILE), 0o600)
}

interface Report extends Pick<Run, 'code'> {
  readonly fixed: number
  readonly worst: readonly Pick<Finding, 'check' | 'severity'>[]
  readonly findings: readonly Finding[]
}

async function examine(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Report> {
  const { code, out } = await rejoin(['doctor', '--json', '--data-dir', dataDir, ...args], { env })
  const { findings, fixed } = JSON.parse(out) as { findings: Finding[]; fixed: number }
  const worst = findings.filter(({ severity }) => severity === 'error' || severity === 'warning')
  return { code, fixed, findings, worst: worst.map(({ check, severity }) => ({ check, severity })) }
}

const NO_BACKUP = { check: 'backups', severity: 'warning' }

it('finds nothing wrong with a sound database, and says what it looked at', async () => {
  await using world = await startWorld()
  await world.ticket()
  leave(world, '')
  const { code, findings, worst } = await examine()
  expect({ code, worst }).toEqual({ code: 0, worst: [NO_BACKUP] })
  const checks = ['database', 'invariants', 'audit log', 'clock', 'disk', 'rights', 'mount', 'leftovers', 'crashes']
  expect(findings.map(({ check }) => check)).toEqual(
    expect.arrayContaining(checks.filter((name) => !['leftovers', 'crashes', 'mount'].includes(name))),
  )
  const { out } = await rejoin(['doctor', '--data-dir', dataDir])
  expect(out).toMatch(/^ok +database: Pages, indexes and references are sound\.$/m)
})

it.each([
  {
    what: 'a reference to what is not there',
    change: `insert into membership (userId, departmentId) values ('nobody', 'nowhere')`,
    finding: {
      check: 'database',
      severity: 'error',
      message: 'Row ? of membership refers to a department that does not exist.',
    },
  },
  {
    what: 'a document that is not what its rows say',
    change: `update ticket set title = 'Another title'`,
    finding: { check: 'invariants', severity: 'error', message: expect.stringContaining('TKT-0001') },
  },
  {
    what: 'an audience that is not what its row says',
    change: `delete from audience`,
    finding: {
      check: 'invariants',
      severity: 'error',
      message: expect.stringContaining('its audience does not match'),
    },
  },
  {
    what: 'a counter that stands below its numbers',
    change: `update counter set value = 0`,
    finding: { check: 'numbers', severity: 'error' },
  },
  {
    what: 'a change of the future',
    change: `update revision set at = 4102444800000`,
    finding: { check: 'clock', severity: 'error', message: expect.stringContaining('2100-01-01') },
  },
])('finds $what, and exits with 2', async ({ change, finding }) => {
  await using world = await startWorld()
  await world.ticket()
  leave(world, change)
  const { code, findings } = await examine()
  expect(code).toBe(2)
  expect(findings).toContainEqual(expect.objectContaining({ ...finding, hint: expect.any(String) }))
})

it('mends what follows from something else, closes what others can open, and removes what was left lying about', async () => {
  await using world = await startWorld()
  const { id } = await world.ticket()
  leave(world, `update ticket set title = 'Another title'; delete from audience`)
  chmodSync(join(dataDir, FILE), 0o644)
  mkdirSync(join(dataDir, 'backup-abcdef'))
  copyFileSync(join(dataDir, FILE), join(dataDir, 'backup-abcdef', FILE))
  const { code, fixed, worst } = await examine(['--fix'])
  expect({ code, fixed, worst }).toEqual({ code: 0, fixed: 3, worst: [NO_BACKUP] })
  expect(statSync(join(dataDir, FILE)).mode & 0o777).toBe(0o600)
  expect(() => readFileSync(join(dataDir, 'backup-abcdef', FILE))).toThrow('ENOENT')
  using db = new DatabaseSync(join(dataDir, FILE), { readOnly: true })
  expect(db.prepare('select title from ticket where id = ?').get(id)).toEqual({ title: 'Another title' })
}, 60_000)

it('mends nothing that a running server holds, and says who that is', async () => {
  await using world = await startWorld()
  await world.ticket()
  await world.app.commits.idle()
  expect(await derivedFaults(world.app)).toEqual([])
  leave(world, `delete from audience`)
  const lock = lockDataDir(dataDir)
  const { code, errors } = await rejoin(['doctor', '--fix', '--data-dir', dataDir])
  lock.release()
  expect({ code, errors }).toMatchObject({ code: 1, errors: expect.stringContaining(`process ${process.pid}`) })
})

it('tells of devices whose work waits, of clocks that are off, of messages set aside, and of crashes', async () => {
  await using world = await startWorld()
  const [ada] = await world.agents('ada')
  leave(
    world,
    `update device set oldestPendingAt = 1000, skewMs = 3600000 where id = '${ada.id}';
     insert into outbox (id, kind, payload, createdAt, attempts, nextAttemptAt, setAside) values ('m1', 'mail', '{}', 1, 1, 1, 'unknown');
     insert into outbox (id, kind, payload, createdAt, attempts, nextAttemptAt) values ('m2', 'mail', '{}', 1, 0, 1)`,
  )
  writeFileSync(join(dataDir, 'crash-20261128T020000Z.json'), '{}')
  const { code, worst, findings } = await examine()
  const warnings = ['crashes', 'backups', 'devices', 'outbox', 'outbox']
  expect({ code, worst }).toEqual({ code: 0, worst: warnings.map((check) => ({ check, severity: 'warning' })) })
  expect(findings).toContainEqual(expect.objectContaining({ check: 'device clocks', severity: 'note' }))
})

it('asks the mail server whether it would take mail, and sends none', async () => {
  await using world = await startWorld()
  leave(world, '')
  await using post = await startMailServer()
  const mail = (url: string) => ({ REJOIN_SMTP_URL: url, REJOIN_MAIL_FROM: 'help@example.com' })
  expect((await examine([], mail(post.url))).findings).toContainEqual(
    expect.objectContaining({ check: 'mail', severity: 'ok' }),
  )
  expect(post.received).toEqual([])
  const { code, findings } = await examine([], mail('smtp://127.0.0.1:1'))
  expect(code).toBe(2)
  expect(findings).toContainEqual(
    expect.objectContaining({ check: 'mail', severity: 'error', hint: expect.stringContaining('REJOIN_SMTP_URL') }),
  )
}, 60_000)

it('warns of passwords that go over the network unencrypted', async () => {
  await using world = await startWorld()
  leave(world, '')
  const { worst } = await examine([], { REJOIN_PUBLIC_URL: 'http://help.example.com' })
  expect(worst).toContainEqual({ check: 'address', severity: 'warning' })
})
