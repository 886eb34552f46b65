/** Changing one's password, with the one there is. Every other session of the person ends, and theirs gets a new token. */
import type { ParsedOf } from '@rejoin/shared/contract/operation.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { implement } from '../../../core/api/implement.ts'
import type { PrepareContext } from '../../../core/command.ts'
import type { Tx } from '../../../core/storage/db.ts'
import { forgiveAttempt } from '../../../core/api/throttle/attempts.ts'
import { OWN_PASSWORD } from '../guards.ts'
import * as contract from '../contract/passwords.ts'
import { checkOwnPassword } from '../own-password.ts'
import { renewSession } from '../sessions/commands.ts'
import { hashNewPassword } from './strength.ts'

export const changePassword = implement(
  contract.changePassword,
  { guard: OWN_PASSWORD, prepare: checkCurrent },
  async (context, _input, { from, to, ...person }) => {
    const { tx, actor, event, send } = context
    if (!(await replaceHash(tx, actor.id, { from, to }))) throw notTheSame()
    await forgiveAttempt(context, OWN_PASSWORD, person.email)
    await event({ subject: 'user', subjectId: actor.id, type: 'password-changed' })
    send('mail', { to: person.email, letter: 'password-changed', fields: { name: person.name } })
    return renewSession(context)
  },
)

async function checkCurrent(context: PrepareContext, { current, password }: ParsedOf<typeof contract.changePassword>) {
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
