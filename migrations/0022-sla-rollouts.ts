/** Changes of policies and calendars that are being applied to open tickets. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const slaRollouts: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`create table slaRollout (
      id integer primary key, at integer not null, afterTicket text not null
    ) strict`.execute(db)
  },
}
