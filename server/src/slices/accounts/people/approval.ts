/**
 * Approving or rejecting people who registered as staff: a supervisor of the department or an administrator decides.
 */
import { Refusal } from '@rejoin/shared/errors.ts'
import { implement } from '../../../core/api/implement.ts'
import type { CommandContext } from '../../../core/command.ts'
import { askIn, whyLettersWait } from '../invitations/ask-in.ts'
import { getAuthor } from '../queries.ts'
import { mustHaveAllOf } from '../roles/queries.ts'
import * as contract from '../contract/people.ts'
import { mayApprove } from './queries.ts'

export const approveUser = implement(contract.approve, { room: 'any' }, async (context, { userId }) => {
  const { name, email, passwordHash } = await decide(context, userId, 'active')
  await context.event({ subject: 'user', subjectId: userId, type: 'user-approved' })
  // A person added by a file has no password.
  if (passwordHash === null) return (await askIn(context, email)) ? whyLettersWait(context.tx) : {}
  context.send('mail', { to: email, letter: 'approved', fields: { name } })
  return {}
})

/** Rejects a person. Their account stays, disabled: an administrator may still enable it. */
export const rejectUser = implement(contract.reject, { room: 'any' }, async (context, { userId, reason = null }) => {
  const { name, email } = await decide(context, userId, 'disabled')
  await context.event({ subject: 'user', subjectId: userId, type: 'user-rejected', payload: { reason } })
  context.send('mail', { to: email, letter: 'rejected', fields: { name, reason } })
})

async function decide({ tx, actor }: CommandContext, userId: string, status: 'active' | 'disabled') {
  const person = getAuthor(tx, userId)
  if (status === 'active') mustHaveAllOf(actor, person)
  if (!(await mayApprove(tx, actor, person.departments))) {
    throw new Refusal('forbidden', 'You cannot approve or reject this person.', 'Ask a supervisor of the department.')
  }
  const row = await tx
    .updateTable('user')
    .set({ status })
    .where('id', '=', userId)
    .where('status', '=', 'pending')
    .returning(['name', 'email', 'passwordHash'])
    .executeTakeFirst()
  if (row === undefined)
    throw new Refusal('conflict', 'This person is not waiting for approval.', 'Somebody may have decided already.')
  return row
}
