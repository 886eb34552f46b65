/** Which steps a database has before it is at the schema of this program; looked at without a change. */
import { existsSync } from 'node:fs'
import { migrations } from '@rejoin/migrations/index.ts'
import { withFile, type Read } from './db.ts'
import { MIGRATION_TABLE } from './migrate.ts'

/** In their order. Of a file that is not there, or has no schema at all, none: it is made at once, as a whole. */
export function pendingMigrations(file: string): string[] {
  return existsSync(file) ? withFile(file, missingSteps) : []
}

export function missingSteps({ rows }: Pick<Read, 'rows'>): string[] {
  if (rows('select 1 from sqlite_schema where name = ?', [MIGRATION_TABLE]).length === 0) return []
  const done = rows<{ name: string }>(`select name from ${MIGRATION_TABLE}`, []).map(({ name }) => name)
  // One that this program does not know is of a later one, which is refused elsewhere.
  if (done.some((name) => !Object.hasOwn(migrations, name))) return []
  return Object.keys(migrations).filter((name) => !done.includes(name))
}
