/** An index that finds the event of one person's typing into a ticket's texts in one minute: there is one a minute. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const typedEvents: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`create index eventTyped on event (subjectId, actorId, effectiveAt) where type = 'text-written'`.execute(
      db,
    )
  },
}
