/** An upgrade gives numbers to the people who are there already, in the order in which they came. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import SQLite from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import { expect, it } from 'vitest'
import { migrations } from '@rejoin/migrations/index.ts'
import { DATABASE_FILE } from '@rejoin/server/core/storage/sqlite.ts'
import { openDatabase } from '@rejoin/server/core/storage/db.ts'
import { nextNumber } from '@rejoin/server/core/storage/numbers.ts'

const BEFORE = '0013-second-steps'

/** A database as it was before people had numbers. */
async function oldDatabase(dataDir: string): Promise<void> {
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new SQLite(join(dataDir, DATABASE_FILE)) }) })
  const names = { migrationTableName: 'migration', migrationLockTableName: 'migrationLock' }
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations }, ...names })
  const { error } = await migrator.migrateTo(BEFORE)
  await db.destroy()
  if (error !== undefined) throw error
}

it('numbers requesters and staff apart, without gaps, and goes on from there', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'rejoin-test-'))
  try {
    await oldDatabase(dataDir)
    using old = new DatabaseSync(join(dataDir, DATABASE_FILE))
    const people = [
      ['a', 'requester', 3],
      ['b', 'agent', 2],
      ['c', 'requester', 1],
      ['d', 'admin', 1],
    ] as const
    const add = old.prepare(
      `insert into user (id, name, email, role, status, createdAt, scopeSeq) values (?, ?, ?, ?, 'active', ?, 0)`,
    )
    for (const [id, role, createdAt] of people) add.run(id, id, `${id}@example.com`, role, createdAt)
    old.close()

    const db = await openDatabase(dataDir)
    const rows = await db.reader.selectFrom('user').select(['id', 'number']).orderBy('id').execute()
    const next = [await nextNumber(db.writer, 'customer', 'CUS'), await nextNumber(db.writer, 'technician', 'TEC')]
    await db.close()
    expect(rows.map(({ id, number }) => `${id} ${number}`)).toEqual([
      'a CUS-0002',
      'b TEC-0002',
      'c CUS-0001',
      'd TEC-0001',
    ])
    expect(next).toEqual(['CUS-0003', 'TEC-0003'])
  } finally {
    rmSync(dataDir, { recursive: true })
  }
})
