/** Reading departments. */
import { z } from 'zod'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { Read } from '../core/db.ts'
import { pageBy } from '../core/paging.ts'
import type { QueryContext } from '../core/trpc.ts'

/** Throws `Refusal('not-found')`. */
export async function getDepartment(read: Read, id: string): Promise<{ id: string; name: string }> {
  const row = await read.selectFrom('department').select(['id', 'name']).where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw new Refusal('not-found', `There is no department with the id ${id}.`)
  return row
}

/** The department of a ticket whose author named none and belongs to none: the oldest. */
export async function findDefaultDepartment(read: Read): Promise<string | null> {
  const row = await read.selectFrom('department').select('id').orderBy('createdAt').orderBy('id').executeTakeFirst()
  return row?.id ?? null
}

export const DepartmentPage = pageBy({ name: z.string() }).prefault({})

export async function departmentsByName(
  { read }: Pick<QueryContext, 'read'>,
  { limit, after }: z.output<typeof DepartmentPage>,
) {
  const select = read.selectFrom('department').select(['id', 'name']).orderBy('name').limit(limit)
  return (after === undefined ? select : select.where('name', '>', after.name)).execute()
}
