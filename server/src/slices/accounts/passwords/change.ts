/** Changing one's password, with the one there is. Every other session of the person ends, and theirs gets a new token. */
import { z } from 'zod'
import { Refusal } from '@rejoin/shared/errors.ts'
import { command, type PrepareContext } from '../../../core/command.ts'
import type { Tx } from '../../../core/storage/db.ts'
import { forgiveAttempt } from '../../../core/api/throttle/attempts.ts'
import { OWN_PASSWORD } from '../guards.ts'
import { checkOwnPassword } from '../own-password.ts'
import { renewSession } from '../sessions/commands.ts'
import { hashNewPassword, Password } from './strength.ts'

const Change = z.strictObject({ current: z.string().max(200), password: Password })

export const changePassword = command({
  name: 'password.change',
  input: Change,
  prepare: checkCurrent,
  async run(context, _input, { from, to, ...person }) {
    const { tx, actor, event, send } = context
    if (!(await replaceHash(tx, actor.id, { from, to }))) throw notTheSame()
    await forgiveAttempt(context, OWN_PASSWORD, person.email)
    await event({ subject: 'user', subjectId: actor.id, type: 'password-changed' })
    send('mail', { to: person.email, letter: 'password-changed', fields: { name: person.name } })
    return renewSession(context)
  },
})

async function checkCurrent(context: PrepareContext, { current, password }: z.output<typeof Change>) {
  const { name, email, passwordHash: from } = await checkOwnPassword(context, { password: current })
  return { name, email, from, to: await hashNewPassword(context, password, { name, email }) }
}

/** Returns false where the password is not the one it was when it was checked. */
export async function replaceHash(
  tx: Tx,
  userId: string,
  { from, to }: { from: string; to: string },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('user')
    .set({ passwordHash: to })
    .where('id', '=', userId)
    .where('passwordHash', '=', from)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

function notTheSame(): Refusal {
  return new Refusal('wrong-credentials', 'The password was changed in the meantime.', 'Try again with the new one.')
}
