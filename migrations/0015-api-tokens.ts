/** Tokens for other programs: what each may do, and until when. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const STATEMENTS = [
  `create table apiToken (
    id text primary key, userId text not null references user (id), name text not null, scopes text not null,
    createdAt integer not null, expiresAt integer not null, lastSeenAt integer, address text, userAgent text
  ) strict`,
  `create index apiTokenByUser on apiToken (userId)`,
]

export const apiTokens: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}
