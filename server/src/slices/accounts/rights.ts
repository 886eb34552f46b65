/**
 * The rights of people: their role, built in or custom. Each change is an event that tells the rights before and after,
 * from which `rightsAt` reads a person's rights at any time.
 */
import type { Actor } from '@rejoin/shared/access/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { CommandContext } from '../../core/command.ts'
import type { Tx } from '../../core/storage/db.ts'
import { getAuthor, userTopic, type Rights } from './queries.ts'

/** Throws `Refusal('last-admin')` when no other administrator could undo a change to this person. */
export async function mustNotBeLastAdmin(
  tx: Tx,
  { id, name, role, customRole }: Pick<Actor, 'id' | 'name' | 'role' | 'customRole'>,
): Promise<void> {
  // A custom role may not have the right to undo it.
  if (role !== 'admin' || customRole !== undefined) return
  const active = tx.selectFrom('user').select('id').where('role', '=', 'admin').where('status', '=', 'active')
  const others = active.where('customRoleId', 'is', null).where('id', '!=', id)
  if ((await others.executeTakeFirst()) !== undefined) return
  throw new Refusal(
    'last-admin',
    `${name} is the only active administrator.`,
    'Make another person an administrator first.',
  )
}

/** Records that the person's rights are not those of `before` any more, and wakes their devices. */
export async function rightsChanged({ tx, seq, event, wake }: CommandContext, before: Actor): Promise<void> {
  const { id } = before
  await tx.updateTable('user').set({ scopeSeq: seq }).where('id', '=', id).execute()
  const after = getAuthor(tx, id)
  await event({
    subject: 'user',
    subjectId: id,
    type: 'user-rights-changed',
    payload: { from: rightsOf(before), to: rightsOf(after) },
  })
  wake(userTopic(id))
}

function rightsOf({ role, customRole, departments }: Actor): Rights {
  return { role, ...(customRole !== undefined && { customRole }), departments }
}
