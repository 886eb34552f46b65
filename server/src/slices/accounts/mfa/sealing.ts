/** The secrets of authenticator apps as the database keeps them: sealed. */
import { Refusal } from '@rejoin/shared/errors.ts'
import { z } from 'zod'
import { command, type CommandContext } from '../../../core/command.ts'
import type { Read } from '../../../core/storage/db.ts'
import { isSealed, type Secrets } from '../../../core/secrets.ts'

/** Throws `Refusal('unavailable')` for one that was sealed under another key, or for somebody else. */
export function secretOf(
  { secrets }: Pick<CommandContext, 'secrets'>,
  { userId, secret }: { userId: string; secret: string },
): string {
  const plain = secrets.open(secret, userId)
  if (plain !== null) return plain
  const message = 'This second step cannot be checked: the server lacks the key of its secret.'
  throw new Refusal('unavailable', message, 'Ask an administrator to remove it, then set up a new one.')
}

/** How many are sealed, and how many of these open. */
export async function countSealed(read: Read, secrets: Secrets): Promise<{ sealed: number; opening: number }> {
  const rows = await read.selectFrom('totp').select(['userId', 'secret']).execute()
  const sealed = rows.filter(({ secret }) => isSealed(secret))
  const opening = sealed.filter(({ userId, secret }) => secrets.open(secret, userId) !== null)
  return { sealed: sealed.length, opening: opening.length }
}

/** Seals what an earlier version has kept in the plain. Answers with how many there were. */
export const sealSecrets = command({
  name: 'second-step.seal',
  input: z.void(),
  async run({ tx, secrets }): Promise<number> {
    const rows = await tx.selectFrom('totp').select(['userId', 'secret']).execute()
    const plain = rows.filter(({ secret }) => !isSealed(secret))
    for (const { userId, secret } of plain) {
      const sealed = secrets.seal(secret, userId)
      await tx.updateTable('totp').set({ secret: sealed }).where('userId', '=', userId).execute()
    }
    return plain.length
  },
})
