/** What a person calls a device, and whether it was revoked. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const STATEMENTS = [
  `alter table device add column name text`,
  `alter table device add column revokedAt integer`,
  `alter table device add column revokedBy text`,
  `create index deviceByUser on device (userId)`,
]

export const devices: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}
