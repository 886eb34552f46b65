/** Reads the people who wait for approval, and those who give it. */
import { sql } from 'kysely'
import { may, type Action, type Actor, type Relation } from '@rejoin/shared/access/access.ts'
import type { ParsedOf } from '@rejoin/shared/contract/operation.ts'
import type { Read } from '../../../core/storage/db.ts'
import type { QueryContext } from '../../../core/api/procedures.ts'
import { filledPage, isYounger, type ByAge } from '../by-age.ts'
import { getAuthor, getPerson, mustAnywhere } from '../queries.ts'
import type { pending } from '../contract/people.ts'

const ANYWHERE = new Set<Relation>(['any'])

/** The active supervisors of these departments who may do `action` there; in one that has heads, only the heads. */
export async function supervisorsIn(read: Read, departments: readonly string[], action: Action): Promise<string[]> {
  const rows = await read
    .selectFrom('membership')
    .innerJoin('user', 'user.id', 'membership.userId')
    .select(['user.id', 'departmentId', 'isHead'])
    .where('departmentId', 'in', [...departments])
    .where('role', '=', 'supervisor')
    .where('status', '=', 'active')
    .execute()
  const able = rows.filter(({ id }) => may(getPerson(read, id), action, new Set(['department', 'any'])))
  const headed = new Set(able.flatMap(({ isHead, departmentId }) => (isHead === 1 ? departmentId : [])))
  const deciding = able.filter(({ isHead, departmentId }) => isHead === 1 || !headed.has(departmentId))
  return [...new Set(deciding.map(({ id }) => id))]
}

/** The ids of the people who approve: those supervisors, or the administrators where there are none. */
export async function approversOf(read: Read, departments: readonly string[]): Promise<string[]> {
  const supervisors = await supervisorsIn(read, departments, 'user.approve')
  if (supervisors.length > 0) return supervisors
  const admins = read.selectFrom('user').select('id').where('role', '=', 'admin').where('status', '=', 'active')
  return (await admins.execute()).map(({ id }) => id).filter((id) => may(getPerson(read, id), 'user.approve', ANYWHERE))
}

export async function mayApprove(read: Read, actor: Actor, departments: readonly string[]): Promise<boolean> {
  const isTheirs = (await supervisorsIn(read, departments, 'user.approve')).includes(actor.id)
  return may(actor, 'user.approve', new Set<Relation>(isTheirs ? ['any', 'department'] : ['any']))
}

/** The people who wait for the reader's approval, oldest first. */
export async function pendingPeople({ read, actor }: QueryContext, page: ParsedOf<typeof pending>) {
  mustAnywhere(actor, 'user.list')
  return await filledPage(
    page,
    (chunk) => pendingRows(read, chunk),
    async (row) => {
      const { departments } = getAuthor(read, row.id)
      return (await mayApprove(read, actor, departments)) ? { ...row, departments } : null
    },
  )
}

function pendingRows(read: Read, { limit, after }: ByAge) {
  let select = read
    .selectFrom('user')
    .select(['id', 'number', 'name', 'email', 'role', 'createdAt'])
    .where('status', '=', sql<'pending'>`'pending'`)
  if (after !== undefined) select = select.where(isYounger(after))
  return select.orderBy('createdAt').orderBy('id').limit(limit).execute()
}
