/**
 * How long a document's tail is and how new it is follow from its updates; keeping both beside the state rewrote the
 * state at every edit. The updates are stored in the order in which they are read.
 */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const documentLog: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`alter table document drop column lastSeq`.execute(db)
    await sql`alter table document drop column tail`.execute(db)
    await sql`alter table documentUpdate rename to documentUpdateBefore`.execute(db)
    await sql`drop index documentUpdateBySeq`.execute(db)
    await sql`
      create table documentUpdate (
        documentId text not null, seq integer not null, "update" blob not null, primary key (documentId, seq)
      ) strict, without rowid`.execute(db)
    await sql`
      insert into documentUpdate (documentId, seq, "update")
      select documentId, seq, "update" from documentUpdateBefore order by documentId, seq`.execute(db)
    await sql`drop table documentUpdateBefore`.execute(db)
    await sql`create index documentUpdateBySeq on documentUpdate (seq)`.execute(db)
  },
}
