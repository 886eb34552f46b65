/** People have numbers, telephones and heads of their departments; they join by invitation or of their own accord. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const STATEMENTS = [
  `alter table user add column number text`,
  `alter table user add column phone text`,
  `update user set number = (
    select case when user.role = 'requester' then 'CUS-' else 'TEC-' end || printf('%04d', place)
    from (select id, row_number() over (partition by role = 'requester' order by createdAt, id) as place from user) as placed
    where placed.id = user.id
  )`,
  `insert into counter (name, value)
    select case when role = 'requester' then 'customer' else 'technician' end, count(*) from user group by role = 'requester'`,
  `create unique index userByNumber on user (number)`,
  `alter table membership add column isHead integer not null default 0 check (isHead in (0, 1))`,
  `create table setting (key text primary key, value text not null) strict, without rowid`,
  `create table registration (
    email text primary key collate nocase, role text not null, departmentId text references department (id),
    requestedAt integer not null
  ) strict, without rowid`,
  `create table invitation (
    id text primary key, email text not null unique collate nocase, role text not null, departments text not null,
    needsApproval integer not null check (needsApproval in (0, 1)), invitedBy text references user (id),
    tokenHash text not null unique, createdAt integer not null, expiresAt integer not null
  ) strict`,
]

export const people: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}
