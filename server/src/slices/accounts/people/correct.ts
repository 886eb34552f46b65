/**
 * Corrects a person's name or address; only administrators may. Rights and history stay, and so do sessions: the account
 * still belongs to the same person.
 *
 * 1. Links that were mailed to the former address open nothing any more.
 * 2. A person with a password gets an email at both addresses. The email to the former address does not name the new one,
 *    which may be a stranger's by mistake. A person without a password gets an invitation at the new address.
 */
import { implement } from '../../../core/api/implement.ts'
import type { CommandContext } from '../../../core/command.ts'
import { askIn, reachesNobody, whyLettersWait } from '../invitations/ask-in.ts'
import { dropInvitations, getAuthor, mustAnywhere, userTopic } from '../queries.ts'
import { mustHaveAllOf } from '../roles/queries.ts'
import type { UserTable } from '../tables.ts'
import { mustBeFree } from './add.ts'
import * as contract from '../contract/people.ts'

export const correctPerson = implement(contract.correct, { room: 'any' }, async (context, { userId, name, email }) => {
  const { tx, actor, adjust, event, wake } = context
  mustAnywhere(actor, 'user.correct')
  mustHaveAllOf(actor, getAuthor(tx, userId))
  const person = await tx.selectFrom('user').selectAll().where('id', '=', userId).executeTakeFirstOrThrow()
  const to = {
    ...(name !== undefined && name !== person.name && { name }),
    ...(email !== undefined && email !== person.email && { email }),
  }
  const fields = Object.keys(to) as (keyof typeof to)[]
  if (fields.length === 0) {
    adjust('already-done', `${person.name} already has this name and address.`)
    return {}
  }
  const { email: address = person.email } = to
  const isNewAddress = address.toLowerCase() !== person.email.toLowerCase()
  if (isNewAddress) await mustBeFree(tx, { email: address })
  await tx.updateTable('user').set(to).where('id', '=', userId).execute()
  const from = Object.fromEntries(fields.map((field) => [field, person[field]]))
  await event({ subject: 'user', subjectId: userId, type: 'user-edited', payload: { fields, from, to } })
  wake(userTopic(userId))
  return isNewAddress ? tellOfAddress(context, person, { ...person, ...to }) : {}
})

async function tellOfAddress(context: CommandContext, from: UserTable, to: UserTable): Promise<{ note?: string }> {
  const { tx, actor, send } = context
  await dropInvitations(tx, from.email)
  await dropInvitations(tx, to.email)
  await tx.deleteFrom('passwordReset').where('userId', '=', to.id).execute()
  if (to.status !== 'active') return {}
  if (to.passwordHash === null) {
    return (await askIn(context, to.email)) ? whyLettersWait(tx) : {}
  }
  const { name } = to
  if (!reachesNobody(from.email)) send('mail', { to: from.email, letter: 'address-changed', fields: { name } })
  if (!reachesNobody(to.email)) send('mail', { to: to.email, letter: 'address-set', fields: { name, by: actor.name } })
  return {}
}
