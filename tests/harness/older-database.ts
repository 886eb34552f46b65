/** The database as an earlier version of the program left it: its schema, with the rows there are, as far as it had them. */
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import SQLite from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { migrations } from '@rejoin/migrations/index.ts'
import { DATABASE_FILE } from '@rejoin/server/core/storage/sqlite.ts'

/**
 * An empty database in `file`, up to the migration `last`. Returns what puts the rows of a data directory into it, but for
 * those of tables that meant something else then.
 */
export async function databaseAsOf(
  last: string,
  file: string,
  { except = [] }: { except?: readonly string[] } = {},
): Promise<(dataDir: string) => void> {
  const database = new SQLite(file)
  // Nothing of it has to survive a loss of power.
  database.pragma('synchronous = off')
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) })
  for (const [name, { up }] of Object.entries(migrations)) if (name <= last) await up(db)
  await db.destroy()
  return (dataDir) => replaceBy({ file, last, except }, join(dataDir, DATABASE_FILE))
}

/** Takes the columns of migration 0032 away from a database whose rows stay. */
export const BEFORE_KINDS = 'alter table document drop column kind; alter table audience drop column kind;'

interface Named {
  readonly name: string
  readonly sql: string
}

function replaceBy(
  { file, last, except }: { file: string; last: string; except: readonly string[] },
  present: string,
): void {
  const db = new DatabaseSync(file)
  db.exec('pragma foreign_keys = off; pragma synchronous = off')
  db.prepare('attach ? as present').run(present)
  const tablesOf = (schema: string) =>
    db
      .prepare(`select name, sql from ${schema}.sqlite_schema where type = 'table' and name not like 'sqlite_%'`)
      .all() as unknown as Named[]
  const columnsOf = (schema: string, table: string) =>
    db
      .prepare(`select name from pragma_table_info(?, ?)`)
      .all(table, schema)
      .map(({ name }) => `"${String(name)}"`)
  const own = tablesOf('main')
  for (const { name, sql } of tablesOf('present')) {
    if (name.startsWith('migration')) db.exec(sql)
    else if (except.includes(name) || !own.some((table) => table.name === name)) continue
    const theirs = new Set(columnsOf('present', name))
    const columns = columnsOf('main', name).filter((column) => theirs.has(column))
    db.exec(`delete from main."${name}"`)
    db.exec(`insert or ignore into main."${name}" (${columns.join()}) select ${columns.join()} from present."${name}"`)
  }
  db.prepare('delete from main.migration where name > ?').run(last)
  db.close()
  for (const end of ['', '-wal', '-shm']) rmSync(present + end, { force: true })
  copyFileSync(file, present)
}
