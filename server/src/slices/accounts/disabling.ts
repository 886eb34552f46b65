/**
 * Taking an account out of use, and back. A disabled person's sessions end at once and are kept as ended, so that a
 * device that comes with one of their tokens is known, and told to wipe itself.
 */
import { implement } from '../../core/api/implement.ts'
import type { CommandContext } from '../../core/command.ts'
import * as contract from './contract/accounts.ts'
import { askIn, whyLettersWait } from './invitations/ask-in.ts'
import { getAuthor, mustAnywhere, sessionTopic, userTopic } from './queries.ts'
import { mustNotBeLastAdmin } from './rights.ts'
import { mustHaveAllOf } from './roles/queries.ts'
import { endSessionsOf, forgetEndedSessions } from './sessions.ts'

export const disableUser = implement(contract.disable, { room: 'any' }, async (context, { userId }) => {
  if (!(await move(context, userId, 'disabled'))) return
  for (const id of await endSessionsOf(context.tx, userId, 'account-disabled')) context.wake(sessionTopic(id))
})

/**
 * The person signs in anew, or gets an invitation if they never had a password. Their devices then go on with the work that
 * they kept.
 */
export const enableUser = implement(contract.enable, { room: 'any' }, async (context, { userId }) => {
  const { tx } = context
  if (!(await move(context, userId, 'active'))) return {}
  await forgetEndedSessions(tx, userId, 'account-disabled')
  const { email, passwordHash } = await tx
    .selectFrom('user')
    .select(['email', 'passwordHash'])
    .where('id', '=', userId)
    .executeTakeFirstOrThrow()
  return passwordHash === null && (await askIn(context, email)) ? whyLettersWait(tx) : {}
})

/** Returns whether there was anything to do. */
async function move(context: CommandContext, userId: string, status: 'active' | 'disabled'): Promise<boolean> {
  const { tx, actor, adjust, event, wake } = context
  mustAnywhere(actor, 'user.disable')
  const person = getAuthor(tx, userId)
  mustHaveAllOf(actor, person)
  const moved = await tx
    .updateTable('user')
    .set({ status })
    .where('id', '=', userId)
    .where('status', '!=', status)
    .executeTakeFirstOrThrow()
  if (moved.numUpdatedRows === 0n) {
    adjust('already-done', `The account of ${person.name} is already ${status}.`)
    return false
  }
  if (status === 'disabled') await mustNotBeLastAdmin(tx, person)
  await event({ subject: 'user', subjectId: userId, type: status === 'disabled' ? 'user-disabled' : 'user-enabled' })
  wake(userTopic(userId))
  return true
}
