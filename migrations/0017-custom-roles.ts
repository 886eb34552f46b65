/** Roles of this workspace: rows over the access table, and who has one. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const STATEMENTS = [
  `create table customRole (
    id text primary key, name text not null unique collate nocase, base text not null, grants text not null,
    createdAt integer not null
  ) strict`,
  `alter table user add column customRoleId text references customRole (id)`,
  `create index userByCustomRole on user (customRoleId) where customRoleId is not null`,
]

export const customRoles: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}
