/** Why a session is over before its time, for those that are kept to say so. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const endedSessions: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table session add column endCode text`.execute(db)
  },
}
