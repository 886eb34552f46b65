/** The migrations that a database lacks, found without a change to it. */
import { existsSync } from 'node:fs'
import { migrations } from '@rejoin/migrations/index.ts'
import { withFile, type Read } from './db.ts'
import { MIGRATION_TABLE } from './migrate.ts'

/** In their order. None for a file that does not exist or has no schema at all: it is created as a whole. */
export function pendingMigrations(file: string): string[] {
  return existsSync(file) ? withFile(file, missingSteps) : []
}

export function missingSteps({ rows }: Pick<Read, 'rows'>): string[] {
  if (rows('select 1 from sqlite_schema where name = ?', [MIGRATION_TABLE]).length === 0) return []
  const done = rows<{ name: string }>(`select name from ${MIGRATION_TABLE}`, []).map(({ name }) => name)
  // A step that this program does not know comes from a later version, which is refused elsewhere.
  if (done.some((name) => !Object.hasOwn(migrations, name))) return []
  return Object.keys(migrations).filter((name) => !done.includes(name))
}
