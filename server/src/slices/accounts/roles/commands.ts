/** Making, changing and removing custom roles. A change is one of the rights of everybody who has the role. */
import type { CustomRole, Grants, Role } from '@rejoin/shared/access/access.ts'
import { problemOf, settled } from '@rejoin/shared/access/custom-roles.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { implement } from '../../../core/api/implement.ts'
import type { CommandContext } from '../../../core/command.ts'
import { mustBeFree } from '../../../core/named.ts'
import { getAuthor, mustAnywhere } from '../queries.ts'
import { rightsChanged } from '../rights.ts'
import * as contract from '../contract/roles.ts'
import { ROLE_NAMES, getCustomRole, mustHaveAllOf } from './queries.ts'

export const createRole = implement(contract.create, async (context, { name, base, grants }) => {
  const { tx, now, newId, event } = context
  mustAnywhere(context.actor, 'role.manage')
  const customRole = { id: newId(), name, grants: settled(grants) }
  mustBeGood(context, base, customRole)
  const { id } = customRole
  const row = { id, name, base, grants: JSON.stringify(customRole.grants), createdAt: now }
  await tx.insertInto('customRole').values(row).execute()
  await event({ subject: 'role', subjectId: id, type: 'role-created', payload: { base, to: sidesOf(customRole) } })
  return { customRoleId: id }
})

export const editRole = implement(contract.edit, async (context, { customRoleId: id, ...change }) => {
  const { tx, actor, event, adjust } = context
  mustAnywhere(actor, 'role.manage')
  const { role: base, customRole: before } = await getCustomRole(tx, id)
  mustHaveAllOf(actor, { role: base, customRole: before })
  const after = { id, name: change.name ?? before.name, grants: settled(change.grants ?? before.grants) }
  if (JSON.stringify(after) === JSON.stringify(before)) {
    adjust('already-done', `The role ${before.name} already has these values.`)
    return
  }
  mustBeGood(context, base, after)
  const people = await holdersOf(context, id)
  await tx
    .updateTable('customRole')
    .set({ name: after.name, grants: JSON.stringify(after.grants) })
    .where('id', '=', id)
    .execute()
  const payload = { base, from: sidesOf(before), to: sidesOf(after) }
  await event({ subject: 'role', subjectId: id, type: 'role-edited', payload })
  for (const person of people) await rightsChanged(context, person)
})

export const removeRole = implement(contract.remove, async (context, { customRoleId: id }) => {
  const { tx, actor, event } = context
  mustAnywhere(actor, 'role.manage')
  const { role: base, customRole } = await getCustomRole(tx, id)
  mustHaveAllOf(actor, { role: base, customRole })
  const people = await holdersOf(context, id)
  if (people.length > 0) {
    const message = `${customRole.name} is the role of ${people.length} people.`
    throw new Refusal('conflict', message, 'Give them another role first.')
  }
  await tx.deleteFrom('customRole').where('id', '=', id).execute()
  await event({ subject: 'role', subjectId: id, type: 'role-removed', payload: { base, from: sidesOf(customRole) } })
})

function sidesOf({ name, grants }: CustomRole): { name: string; grants: Grants } {
  return { name, grants }
}

function mustBeGood({ tx, actor }: CommandContext, base: Role, role: CustomRole): void {
  const problem = problemOf(base, role.grants)
  if (problem !== null) throw new Refusal('invalid', problem)
  mustHaveAllOf(actor, { role: base, customRole: role })
  mustBeFree(tx, ROLE_NAMES, role)
}

async function holdersOf({ tx }: CommandContext, id: string) {
  const rows = await tx.selectFrom('user').select('id').where('customRoleId', '=', id).orderBy('id').execute()
  return rows.map((row) => getAuthor(tx, row.id))
}
