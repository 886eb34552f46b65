/** Showing once more who one is, by one's own password: before something that a stolen session must not do. */
import { Refusal } from '@rejoin/shared/errors.ts'
import type { PrepareContext } from '../../core/command.ts'
import { verifyPassword } from './passwords.ts'

/** The person and the hash that was checked. Throws `Refusal('wrong-credentials')`. */
export async function checkOwnPassword({ read, actor, hashCost }: PrepareContext, { password }: { password: string }) {
  const select = read.selectFrom('user').select(['name', 'email', 'passwordHash']).where('id', '=', actor.id)
  const person = await select.executeTakeFirst()
  const matches = await verifyPassword(person?.passwordHash ?? null, password, hashCost)
  if (person?.passwordHash == null || !matches) {
    throw new Refusal('wrong-credentials', 'This is not your password.', 'Check it, or ask for a reset link by email.')
  }
  const { name, email, passwordHash } = person
  return { name, email, passwordHash }
}
