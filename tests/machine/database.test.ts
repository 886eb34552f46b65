/** The database file: its schema, what it refuses to open, and who may have it open. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { openApp } from '@rejoin/server/app.ts'
import { DATABASE_FILE } from '@rejoin/server/core/storage/sqlite.ts'
import { openDatabase } from '@rejoin/server/core/storage/db.ts'
import { schemaText } from '@rejoin/server/core/storage/migrate.ts'
import { printSchema } from '@rejoin/server/cli/schema.ts'
import { testConfig } from '../harness/config.ts'
import { dump, rowsOnDisk } from '../harness/database.ts'

const ROOT = resolve(import.meta.dirname, '../..')

function temporary() {
  const dataDir = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
  const config = testConfig(dataDir)
  return {
    dataDir,
    config,
    file: join(dataDir, DATABASE_FILE),
    [Symbol.dispose]: () => rmSync(dataDir, { recursive: true }),
  }
}

it('has the schema that migrations/schema.sql shows', async () => {
  const reviewed = readFileSync(join(ROOT, 'migrations/schema.sql'), 'utf8')
  expect(await printSchema()).toBe(reviewed)
  const printed = execFileSync(process.execPath, [join(ROOT, 'server/src/main.ts'), 'schema'], { encoding: 'utf8' })
  expect(printed).toBe(reviewed)
})

it('opens again what it has made, without a change', async () => {
  using folder = temporary()
  const first = await openDatabase(folder.dataDir)
  const schema = await schemaText(first.writer)
  await first.close()
  const before = dump(folder.dataDir)
  for (let times = 0; times < 2; times += 1) {
    const again = await openDatabase(folder.dataDir)
    expect(await schemaText(again.writer)).toBe(schema)
    await again.close()
  }
  expect(dump(folder.dataDir)).toEqual(before)
})

it('keeps its epoch over restarts, and another database has another', async () => {
  using folder = temporary()
  using other = temporary()
  const epochs: string[] = []
  for (const { config } of [folder, folder, other]) {
    const app = await openApp(config)
    epochs.push(app.epoch)
    await app.close()
  }
  expect(epochs[1]).toBe(epochs[0])
  expect(epochs[2]).not.toBe(epochs[0])
})

it('does not touch a database that a newer program has migrated', async () => {
  using folder = temporary()
  await (await openDatabase(folder.dataDir)).close()
  using db = new DatabaseSync(folder.file)
  db.exec(`insert into migration (name, timestamp) values ('9999-future', '2030-01-01')`)
  db.exec('create table hologram (id text)')
  db.close()
  const bytes = readFileSync(folder.file)
  const opening = openApp(folder.config)
  await expect(opening).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('9999-future') })
  await expect(opening).rejects.toMatchObject({ hint: expect.stringContaining('Nothing was changed') })
  expect(readFileSync(folder.file).equals(bytes)).toBe(true)
})

it('lets go of the data directory when it cannot open it', async () => {
  using folder = temporary()
  writeFileSync(folder.file, 'This is no database, whatever its name says. '.repeat(100))
  for (let times = 0; times < 2; times += 1) {
    const opening = openApp(folder.config)
    await expect(opening).rejects.toMatchObject({ code: 'unavailable', hint: expect.stringContaining('backup') })
  }
  rmSync(folder.file)
  for (const name of readdirSync(folder.dataDir)) if (name.startsWith(DATABASE_FILE)) rmSync(join(folder.dataDir, name))
  await (await openApp(folder.config)).close()
})

it('is open in one process at a time', async () => {
  using folder = temporary()
  const app = await openApp(folder.config)
  const second = openApp(folder.config)
  await expect(second).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('in use') })
  await app.close()
  await (await openApp(folder.config)).close()
})

it('reaches the disk with every commit, and keeps its references', async () => {
  using folder = temporary()
  const app = await openApp(folder.config)
  const [mode] = rowsOnDisk(folder.dataDir, 'pragma journal_mode')
  expect(mode).toEqual({ journal_mode: 'wal' })
  const pragma = async (name: string) => (await sql.raw(`pragma ${name}`).execute(app.db.writer)).rows
  expect(await pragma('synchronous')).toEqual([{ synchronous: 2 }])
  expect(await pragma('foreign_keys')).toEqual([{ foreign_keys: 1 }])
  await app.close()
})
