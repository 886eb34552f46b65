/**
 * Departments can be disabled. Where a ticket without a department goes was the oldest of them, and is a setting of the
 * workspace from now on: in a workspace that has departments it stays what it was.
 */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const AS_DELIVERED = '{"name":"Rejoin","zone":"UTC"}'

export const departments: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable('department').addColumn('disabledAt', 'integer').execute()
    // A setting that the disk has damaged counts as not set, and stays as it is.
    await sql`
      insert into setting (key, value)
      select 'workspace', json_set(${AS_DELIVERED}, '$.defaultDepartmentId', id)
      from department where true order by createdAt, id limit 1
      on conflict (key) do update
      set value = json_set(setting.value, '$.defaultDepartmentId', json_extract(excluded.value, '$.defaultDepartmentId'))
      where json_valid(setting.value)`.execute(db)
  },
}
