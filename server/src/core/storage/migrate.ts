/** Brings a database to the schema of this program: forward only, from an explicit list, each step once. */
import { sql, type Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { migrations } from '@rejoin/migrations/index.ts'
import { Refusal } from '@rejoin/shared/errors.ts'

export const MIGRATION_TABLE = 'migration'

export async function migrate<Schema>(db: Kysely<Schema>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(migrations) },
    migrationTableName: MIGRATION_TABLE,
    migrationLockTableName: 'migrationLock',
  })
  // Kysely does not wrap SQLite's migrations: one transaction around all of them leaves no half-migrated file.
  await sql`begin immediate`.execute(db)
  const { error } = await migrator.migrateToLatest()
  if (error === undefined) await sql`commit`.execute(db)
  else {
    await sql`rollback`.execute(db)
    throw error
  }
}

/** Refuses a database that a newer program has migrated: this program does not know the meaning of its tables. */
export async function assertKnownMigrations<Schema>(db: Kysely<Schema>): Promise<void> {
  const { rows: tables } = await sql`select 1 from sqlite_schema where name = ${MIGRATION_TABLE}`.execute(db)
  if (tables.length === 0) return
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(MIGRATION_TABLE)} order by name`.execute(db)
  const unknown = rows.find(({ name }) => !Object.hasOwn(migrations, name))
  if (unknown === undefined) return
  throw new Refusal(
    'unavailable',
    `The database is newer than this program: it has the migration ${unknown.name}, which this program does not know.`,
    'Start the version of Rejoin that last used this data directory, or a later one. Nothing was changed.',
  )
}

/** Refuses a database that is not yet, or no longer, at the schema of this program. */
export async function assertMigrated<Schema>(db: Kysely<Schema>): Promise<void> {
  await assertKnownMigrations(db)
  const { rows: tables } = await sql`select 1 from sqlite_schema where name = ${MIGRATION_TABLE}`.execute(db)
  const { rows } =
    tables.length === 0 ? { rows: [] } : await sql`select 1 from ${sql.table(MIGRATION_TABLE)}`.execute(db)
  if (rows.length === Object.keys(migrations).length) return
  throw new Refusal(
    'unavailable',
    'The database is older than this program.',
    'Start the server once, which brings it up to date.',
  )
}

/** The schema as SQL text, in a stable order: `migrations/schema.sql` must equal it. */
export async function schemaText<Schema>(db: Kysely<Schema>): Promise<string> {
  const { rows } = await sql<{ sql: string }>`
    select sql from sqlite_schema
    where sql is not null and name not like 'sqlite_%' and name not like 'migration%'
    order by tbl_name, type desc, name`.execute(db)
  return rows.map((row) => `${row.sql};\n`).join('\n')
}
