/**
 * The kind of each document: until now, all were of tickets. It also stands beside each key of its audience, where a
 * catch-up reads it: in the document's row it comes after the state, which may be long.
 */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const documentKinds: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table document add column kind text not null default 'ticket'`.execute(db)
    await sql`alter table audience add column kind text not null default 'ticket'`.execute(db)
  },
}
