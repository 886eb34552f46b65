/** Attempts to prove who one is, and the places from which somebody did. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const STATEMENTS = [
  `create table attempt (
    kind text not null, subject text not null, count integer not null, lastAt integer not null, nextAt integer not null,
    primary key (kind, subject)
  ) strict, without rowid`,
  `create index attemptByAge on attempt (lastAt)`,
  `create table knownPlace (
    kind text not null, subject text not null, address text not null, lastAt integer not null,
    primary key (kind, subject, address)
  ) strict, without rowid`,
  `create index knownPlaceByAge on knownPlace (lastAt)`,
]

export const attempts: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}
