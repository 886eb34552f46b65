/** People belong to organisations, by whose names SLA policies choose. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const organisations: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table user add column organisation text`.execute(db)
  },
}
