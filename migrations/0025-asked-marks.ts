/** What a receipt's command was asked with, as a keyed hash: the same id with something else is told. Null from before. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const askedMarks: Migration = {
  async up(db: Kysely<unknown>) {
    await sql.raw(`alter table receipt add column asked text`).execute(db)
  },
}
