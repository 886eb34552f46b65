/** The audit log, which keeps what it was told; and what a session list shows. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const STATEMENTS = [
  `create table audit (
    number integer primary key, at integer not null, type text not null, actorId text not null, subject text not null,
    subjectId text not null, deviceId text, sessionId text, address text, userAgent text, payload text not null,
    hash text not null
  ) strict`,
  `create index auditByType on audit (type, number)`,
  `create index auditByActor on audit (actorId, number)`,
  `create index auditBySubject on audit (subjectId, number)`,
  // A replacing insert deletes without firing a delete trigger, so only the next number may be inserted.
  `create trigger auditGrowsAtItsEnd before insert on audit
    when new.number is not (select coalesce(max(number), 0) + 1 from audit)
    begin select raise(abort, 'the audit log grows at its end'); end`,
  `create trigger auditKeepsContent before update on audit
    begin select raise(abort, 'the audit log is append-only'); end`,
  `create trigger auditKeepsRows before delete on audit
    begin select raise(abort, 'the audit log is append-only'); end`,
  `alter table session add column device text`,
  `alter table session add column address text`,
  `alter table session add column userAgent text`,
  `alter table session add column lastSeenAt integer`,
]

export const audit: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}
