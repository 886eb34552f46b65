/** Upgrades: from every schema there ever was, after a backup, and not at all where something is amiss. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import SQLite from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { migrations } from '@rejoin/migrations/index.ts'
import { openApp } from '@rejoin/server/app.ts'
import { backupsIn } from '@rejoin/server/operations/backup/folder.ts'
import { unpackArchive } from '@rejoin/server/operations/backup/read-archive.ts'
import { DATABASE_FILE } from '@rejoin/server/core/storage/sqlite.ts'
import { schemaText } from '@rejoin/server/core/storage/migrate.ts'
import { problemsIn } from '@rejoin/server/core/storage/whole-file.ts'
import { derivedFaults } from '@rejoin/server/cli/doctor/derived.ts'
import { testConfig } from '../harness/config.ts'
import { oddEvents } from '../harness/events.ts'
import { rejoin } from '../harness/rejoin.ts'

const NAMES = Object.keys(migrations)
const LAST = NAMES.at(-1) ?? ''
const RELEASED = join(import.meta.dirname, 'released')
const RELEASES = readdirSync(RELEASED).filter((name) => name.endsWith('.sql'))

/** Rows of the first schema: somebody with a ticket, and what they did to it. */
const ROWS = `
  insert into meta values ('epoch', 'abc');
  insert into department values ('d1', 'Support', 1);
  insert into user (id, name, email, role, status, createdAt, scopeSeq)
    values ('u1', 'Ada', 'ada@example.com', 'admin', 'active', 1, 0), ('u2', 'Ned', 'ned@example.com', 'requester', 'active', 2, 0);
  insert into membership values ('u1', 'd1');
  insert into revision values (1, 'tag', 1);
  insert into event (seq, subject, subjectId, type, actorId, effectiveAt, recordedAt, payload)
    values (1, 'user', 'u1', 'user-created', 'u1', 1, 1, '{}');
  insert into device (id, userId, incarnation, createdAt, lastSeenAt, cursor, skewMs)
    values ('v1', 'u1', 1, 1, 1, 1, 0);`

let dataDir = ''
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

/** The data directory as a program left it whose last migration was `name`. */
async function leaveAt(name: string): Promise<void> {
  const file = new SQLite(join(dataDir, DATABASE_FILE))
  // Nothing of it has to survive a loss of power.
  file.pragma('synchronous = off')
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: file }) })
  const tables = { migrationTableName: 'migration', migrationLockTableName: 'migrationLock' }
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations }, ...tables })
  await migrator.migrateTo(NAMES[0] ?? '')
  file.exec(ROWS)
  const { error } = await migrator.migrateTo(name)
  await db.destroy()
  if (error !== undefined) throw error
}

let fresh: Promise<string> | undefined
function freshSchema(): Promise<string> {
  fresh ??= (async () => {
    const dir = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
    const app = await openApp(testConfig(dir))
    const text = await schemaText(app.db.writer)
    await app.close()
    rmSync(dir, { recursive: true })
    return text
  })()
  return fresh
}

it.each(NAMES)('takes a database at %s to the schema that a fresh one has, with its rows', async (name) => {
  await leaveAt(name)
  const app = await openApp(testConfig(dataDir))
  expect(await schemaText(app.db.writer)).toBe(await freshSchema())
  const people = await app.read.selectFrom('user').select(['name', 'role']).orderBy('id').execute()
  expect(people).toContainEqual({ name: 'Ada', role: 'admin' })
  expect(people).toContainEqual({ name: 'Ned', role: 'requester' })
  expect(app.epoch).toBe('abc')
  await app.close()
  expect(problemsIn(join(dataDir, DATABASE_FILE))).toEqual([])
})

it.each(RELEASES)('opens what the release with %s left, and everything follows from its rows', async (name) => {
  using db = new DatabaseSync(join(dataDir, DATABASE_FILE))
  db.exec('pragma foreign_keys = off')
  db.exec(readFileSync(join(RELEASED, name), 'utf8'))
  db.close()
  const app = await openApp(testConfig(dataDir))
  expect(await schemaText(app.db.writer)).toBe(await freshSchema())
  const ticket = await app.read.selectFrom('ticket').select(['number', 'status']).executeTakeFirst()
  expect(ticket).toEqual({ number: 'TKT-0001', status: 'resolved' })
  expect(await derivedFaults(app)).toEqual([])
  expect(await oddEvents(app.read)).toEqual([])
  await app.close()
  expect(problemsIn(join(dataDir, DATABASE_FILE))).toEqual([])
})

it('has the files of the releases in their order', () => {
  for (const name of RELEASES) expect(NAMES).toContain(basename(name, '.sql'))
  expect(RELEASES.length).toBeGreaterThan(0)
})

it('makes a backup before it changes anything, and none when there is nothing to change', async () => {
  const config = testConfig(dataDir)
  await leaveAt(NAMES[0] ?? '')
  await (await openApp(config)).close()
  const [backup = '', ...more] = backupsIn(config.backup.folder)
  expect(more).toEqual([])
  const before = join(dataDir, 'before')
  expect(await unpackArchive(backup, before, null)).toMatchObject({ migration: NAMES[0] })
  await (await openApp(config)).close()
  expect(backupsIn(config.backup.folder)).toEqual([backup])
})

it('changes nothing when the backup cannot be made', async () => {
  await leaveAt(NAMES[0] ?? '')
  writeFileSync(join(dataDir, 'backups'), 'my letters')
  const bytes = readFileSync(join(dataDir, DATABASE_FILE))
  await expect(openApp(testConfig(dataDir))).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('Cannot write a backup of'),
  })
  expect(readFileSync(join(dataDir, DATABASE_FILE)).equals(bytes)).toBe(true)
})

it('changes nothing of a database whose references are broken', async () => {
  await leaveAt(NAMES[0] ?? '')
  using db = new DatabaseSync(join(dataDir, DATABASE_FILE), { enableForeignKeyConstraints: false })
  db.exec(`insert into membership values ('nobody', 'd1')`)
  db.close()
  await expect(openApp(testConfig(dataDir))).rejects.toMatchObject({ message: expect.stringContaining('is damaged') })
})

it('says from the command line which steps there are, and takes them', async () => {
  await leaveAt(NAMES.at(-2) ?? '')
  const dry = await rejoin(['migrate', '--dry-run', '--json', '--data-dir', dataDir])
  expect({ ...dry, out: JSON.parse(dry.out) as unknown }).toMatchObject({ code: 0, out: { steps: [LAST] } })
  const done = await rejoin(['migrate', '--data-dir', dataDir])
  expect(done).toMatchObject({ code: 0, out: `Migrations applied:\n  ${LAST}\n` })
  expect(await rejoin(['migrate', '--data-dir', dataDir])).toMatchObject({
    code: 0,
    out: expect.stringContaining('is up to date'),
  })
  mkdirSync(join(dataDir, 'empty'))
  expect(await rejoin(['migrate', '--data-dir', join(dataDir, 'empty')])).toMatchObject({ code: 1, out: '' })
}, 60_000)
