import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const STATEMENTS = [
  `alter table device add column formerId text`,
  `alter table device add column greetingCount integer not null default 0`,
  `alter table device add column greetingMark integer not null default 0`,
]

export const lives: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}
