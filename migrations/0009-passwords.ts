/** Forgotten passwords: who asked, and the links that were sent. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const STATEMENTS = [
  `create table resetRequest (
    email text primary key collate nocase, requestedAt integer not null
  ) strict, without rowid`,
  `create table passwordReset (
    userId text primary key references user (id), tokenHash text not null unique, expiresAt integer not null
  ) strict, without rowid`,
]

export const passwords: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}
