/** Indexes that find clocks due soon, and clocks decided in a range of time, without a look at every clock. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const STATEMENTS = [
  `create index slaClockByDeadline on slaClock (dueAt) where state = 'running'`,
  `create index slaClockDecided on slaClock (coalesce(breachAt, stopAt)) where coalesce(breachAt, stopAt) is not null`,
  `create index slaEventRetracted on slaEvent (recordedAt) where kind = 'retract'`,
]

export const slaReports: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}
