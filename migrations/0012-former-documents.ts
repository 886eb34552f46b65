/** A document that was rebuilt, as it was: kept for those who have not heard of it yet. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const STATEMENTS = [
  `create table formerDocument (documentId text primary key, endedSeq integer not null, state blob not null) strict`,
  `create index formerDocumentByEnd on formerDocument (endedSeq)`,
]

export const formerDocuments: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}
