/** What people say of themselves. Nothing here changes what they may do. */
import { Refusal } from '@rejoin/shared/errors.ts'
import { implement } from '../../../core/api/implement.ts'
import * as contract from '../contract/people.ts'

export const editProfile = implement(contract.editProfile, { room: 'any' }, async ({ tx, actor, event }, profile) => {
  const change = Object.fromEntries(Object.entries(profile).filter(([, value]) => value !== undefined))
  const fields = Object.keys(change)
  if (fields.length === 0) {
    throw new Refusal('invalid', 'input: there is no field to change.', 'Give name, locale, zone or phone.')
  }
  await tx.updateTable('user').set(change).where('id', '=', actor.id).execute()
  await event({ subject: 'user', subjectId: actor.id, type: 'user-edited', payload: { fields } })
})
