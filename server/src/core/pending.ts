/** Which steps a database file has before it is at the schema of this program; looked at without a change. */
import { existsSync } from 'node:fs'
import { migrations } from '@rejoin/migrations/index.ts'
import { withFile } from './db.ts'
import { MIGRATION_TABLE } from './migrate.ts'

/** In their order. Of a file that is not there, or has no schema at all, none: it is made at once, as a whole. */
export function pendingMigrations(file: string): string[] {
  if (!existsSync(file)) return []
  const done = withFile(file, ({ rows }) => {
    const known = rows('select 1 from sqlite_schema where name = ?', [MIGRATION_TABLE])
    return known.length === 0 ? null : rows<{ name: string }>(`select name from ${MIGRATION_TABLE}`, [])
  })
  if (done === null) return []
  const names = new Set(done.map(({ name }) => name))
  // One that this program does not know is of a later one, which is refused elsewhere.
  if ([...names].some((name) => !Object.hasOwn(migrations, name))) return []
  return Object.keys(migrations).filter((name) => !names.has(name))
}
