/**
 * A checksum beside each stored part of a document, by which a part that the disk has cut short or garbled is told from
 * a sound one. Null for parts stored before this migration, which are checked by decoding them.
 */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const documentSums: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table document add column "sum" integer`.execute(db)
    await sql`alter table documentUpdate add column "sum" integer`.execute(db)
    await sql`alter table formerDocument add column "sum" integer`.execute(db)
  },
}
