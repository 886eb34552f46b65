/** What the compaction of the log looks for, found without reading what stays. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const STATEMENTS = [
  `create index documentUpdateBySeq on documentUpdate (seq)`,
  `create index audienceEnded on audience (toSeq) where toSeq is not null`,
  `create index receiptKept on receipt (recordedAt) where outcome <> 'parked' and coalesce(input, output) is not null`,
]

export const compaction: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}
