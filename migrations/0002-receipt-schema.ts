/** A parked command is judged again when somebody decides, perhaps by a later server: its receipt says its version. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const receiptSchema: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table receipt add column "schema" integer not null default 1`.execute(db)
  },
}
