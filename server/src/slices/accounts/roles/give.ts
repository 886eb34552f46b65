/** Gives a person a role, built in or custom. Nobody gives or takes a right that they do not have. */
import { implement } from '../../../core/api/implement.ts'
import * as contract from '../contract/accounts.ts'
import { getAuthor, mustAnywhere } from '../queries.ts'
import { mustNotBeLastAdmin, rightsChanged } from '../rights.ts'
import { mustHaveAllOf } from './queries.ts'
import { getWantedRole } from './wanted.ts'

export const setRole = implement(contract.setRole, { room: 'any' }, async (context, { userId, ...wanted }) => {
  const { tx, actor } = context
  mustAnywhere(actor, 'user.set-rights')
  const person = getAuthor(tx, userId)
  const { role, customRole } = await getWantedRole(tx, wanted)
  if (person.role === role && person.customRole?.id === customRole?.id) {
    context.adjust('already-done', `${person.name} already has this role.`)
    return
  }
  mustHaveAllOf(actor, person)
  mustHaveAllOf(actor, { role, customRole })
  await mustNotBeLastAdmin(tx, person)
  await tx
    .updateTable('user')
    .set({ role, customRoleId: customRole?.id ?? null })
    .where('id', '=', userId)
    .execute()
  await rightsChanged(context, person)
})
