/** An invitation can be to a custom role; it ends with the role. */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const STATEMENTS = [
  `alter table invitation add column customRoleId text references customRole (id) on delete cascade`,
  `create index invitationByCustomRole on invitation (customRoleId) where customRoleId is not null`,
]

export const invitedRoles: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}
