/** When late work is said to have been done, and what of it waits for a supervisor, found without a look at all receipts. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const STATEMENTS = [
  `alter table receipt add column claimedAt integer`,
  `create index receiptClaimed on receipt (number) where claimedAt is not null and decidedAt is null`,
]

export const claimedTimes: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}
