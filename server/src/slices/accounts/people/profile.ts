/** What people say of themselves. Nothing here changes what they may do. */
import { z } from 'zod'
import { Zone } from '@rejoin/shared/zone.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { command } from '../../../core/command.ts'
import { Locale, Name, Phone } from './fields.ts'

/** Strict, so that whoever sends another field (a role, a status) is told that it is not theirs to change. */
const Profile = z.strictObject({
  name: Name.optional(),
  locale: Locale.nullish(),
  zone: Zone.nullish(),
  phone: Phone.nullish(),
})

export const editProfile = command({
  name: 'user.edit-profile',
  input: Profile,
  room: 'any',
  async run({ tx, actor, event }, profile) {
    const change = Object.fromEntries(Object.entries(profile).filter(([, value]) => value !== undefined))
    const fields = Object.keys(change)
    if (fields.length === 0) {
      throw new Refusal('invalid', 'input: there is no field to change.', 'Give name, locale, zone or phone.')
    }
    await tx.updateTable('user').set(change).where('id', '=', actor.id).execute()
    await event({ subject: 'user', subjectId: actor.id, type: 'user-edited', payload: { fields } })
  },
})
