/**
 * Nothing that a device brings was made before the place that it stood at when all of its work was here; and what it says
 * of before another one nobody can prove.
 */
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const seenFrom: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const name of ['seenFrom', 'provenFrom']) {
      const table = db.schema.alterTable('device')
      await table.addColumn(name, 'integer', (column) => column.notNull().defaultTo(0)).execute()
    }
  },
}
