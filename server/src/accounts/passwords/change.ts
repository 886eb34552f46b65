/** Changing one's password, with the one there is. Every other session of the person ends. */
import { z } from 'zod'
import { Refusal } from '@rejoin/shared/errors.ts'
import { command, type PrepareContext } from '../../core/commit/command.ts'
import type { Tx } from '../../core/db.ts'
import { verifyPassword } from '../passwords.ts'
import { revokeSessions } from '../sessions/commands.ts'
import { hashNewPassword, Password } from './strength.ts'

const Change = z.object({ current: z.string().max(200), password: Password })

export const changePassword = command({
  name: 'password.change',
  input: Change,
  prepare: checkCurrent,
  async run(context, _input, { from, to, ...person }) {
    const { tx, actor, event, send, source } = context
    if (!(await replaceHash(tx, actor.id, { from, to }))) throw wrongPassword()
    await revokeSessions(context, actor.id, { but: source?.sessionId ?? null })
    await event({ subject: 'user', subjectId: actor.id, type: 'password-changed' })
    send('mail', { to: person.email, letter: 'password-changed', fields: { name: person.name } })
  },
})

async function checkCurrent({ read, actorId }: PrepareContext, { current, password }: z.output<typeof Change>) {
  const person = await read
    .selectFrom('user')
    .select(['name', 'email', 'passwordHash'])
    .where('id', '=', actorId)
    .executeTakeFirst()
  const matches = await verifyPassword(person?.passwordHash ?? null, current)
  if (person?.passwordHash == null || !matches) throw wrongPassword()
  const { name, email, passwordHash: from } = person
  return { name, email, from, to: await hashNewPassword(password, person) }
}

function wrongPassword(): Refusal {
  return new Refusal('wrong-credentials', 'current: this is not your password.', 'Check it, or have a link mailed.')
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
