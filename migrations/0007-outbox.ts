/** Attempts to deliver a message are noted before they begin, and what cannot be delivered is set aside. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const STATEMENTS = [
  `alter table outbox add column attemptAt integer`,
  `alter table outbox add column setAside text check (setAside in ('rejected', 'exhausted', 'unknown'))`,
  `drop index outboxDue`,
  `create index outboxDue on outbox (nextAttemptAt) where sentAt is null and setAside is null`,
  `create index outboxSetAside on outbox (createdAt) where setAside is not null`,
]

export const outbox: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}
