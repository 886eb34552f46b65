/** Reading custom roles. */
import { beyond } from '@rejoin/shared/access/custom-roles.ts'
import type { CustomRole, Holder, Role } from '@rejoin/shared/access/access.ts'
import type { ParsedOf } from '@rejoin/shared/contract/operation.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { NamedRows } from '../../../core/named.ts'
import type { Read } from '../../../core/storage/db.ts'
import type { QueryContext } from '../../../core/api/procedures.ts'
import { grantsIn, mustAnywhere } from '../queries.ts'
import type { list } from '../contract/roles.ts'

export const ROLE_NAMES: NamedRows = { noun: 'role', select: 'select id, name from customRole' }

/** Throws `Refusal('not-found')`. */
export async function getCustomRole(read: Read, id: string): Promise<{ role: Role; customRole: CustomRole }> {
  const row = await read.selectFrom('customRole').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw new Refusal('not-found', `There is no custom role with the id ${id}.`)
  return { role: row.base, customRole: { id, name: row.name, grants: grantsIn(read, row.name, row.grants) } }
}

/** Throws `Refusal('forbidden')` where `other` may do what `actor` may not: nobody gives, or takes, more than they have. */
export function mustHaveAllOf(actor: Holder, other: Holder): void {
  const action = beyond(actor, other)
  if (action === undefined) return
  throw new Refusal('forbidden', `This involves a right that you do not have (${action}).`, 'Ask an administrator.')
}

/** By name, each with how many people have it. */
export async function customRoles({ read, actor }: QueryContext, { limit, after }: ParsedOf<typeof list>) {
  mustAnywhere(actor, 'role.manage')
  let select = read
    .selectFrom('customRole')
    .leftJoin('user', 'user.customRoleId', 'customRole.id')
    .select(['customRole.id', 'customRole.name', 'base', 'grants', 'customRole.createdAt'])
    .select(({ fn }) => fn.count<number>('user.id').as('people'))
    .groupBy('customRole.id')
    .orderBy('customRole.name')
    .limit(limit)
  if (after !== undefined) select = select.where('customRole.name', '>', after.name)
  const rows = await select.execute()
  return rows.map((row) => ({ ...row, grants: grantsIn(read, row.name, row.grants) }))
}
