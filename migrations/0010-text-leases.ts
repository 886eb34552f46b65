/** Who writes under which Yjs client id and from which device, and in whose name the server wrote. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const STATEMENTS = [
  `alter table textClient add column deviceId text`,
  `alter table textClient add column leasedAt integer`,
  `create table textSpan (
    documentId text not null, clientId integer not null, clock integer not null, length integer not null,
    authorId text not null, deviceId text, primary key (documentId, clientId, clock)
  ) strict, without rowid`,
]

export const textLeases: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}
