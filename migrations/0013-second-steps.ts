/** The second step of signing in: who has set one up, how they recover, who waits for it, and which roles must have it. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const STATEMENTS = [
  `create table totp (
    userId text primary key references user (id), secret text not null, createdAt integer not null,
    confirmedAt integer, lastStep integer not null
  ) strict`,
  `create table recoveryCode (
    userId text not null references user (id), hash text not null, primary key (userId, hash)
  ) strict, without rowid`,
  `create table challenge (
    id text primary key, userId text not null references user (id), opens text not null, device text,
    expiresAt integer not null
  ) strict`,
  `create index challengeByUser on challenge (userId)`,
  `create table secondStepRule (role text primary key, requiredAt integer not null) strict, without rowid`,
]

export const secondSteps: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}
