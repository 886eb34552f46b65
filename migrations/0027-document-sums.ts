/**
 * A checksum beside each stored part of a document: what was cut short or garbled on the disk is told from what was
 * stored. Null for parts of before, which are looked at by decoding them.
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
