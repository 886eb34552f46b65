/** Nothing that a device brings was made before the place that it stood at when all of its work was here. */
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const seenFrom: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .alterTable('device')
      .addColumn('seenFrom', 'integer', (column) => column.notNull().defaultTo(0))
      .execute()
  },
}
