/** From where people sign in, so that they are told of a place that is new. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const signInPlaces: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      create table signInPlace (
        userId text not null references user (id), network text not null, lastAt integer not null,
        primary key (userId, network)
      ) strict, without rowid`.execute(db)
  },
}
