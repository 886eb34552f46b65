/** What somebody typed into a ticket's texts in one minute is found at once: it is one event. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const typedEvents: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`create index eventTyped on event (subjectId, actorId, effectiveAt) where type = 'text-written'`.execute(
      db,
    )
  },
}
