/** From where people sign in. Of a network where they have not been for three months they are told by mail. */
import type { CommandContext } from '../../../core/command.ts'
import { networkOf } from '../../../core/runtime/network.ts'

const KNOWN_FOR_MS = 90 * 24 * 3_600_000

/** Notes that somebody has signed in. The first time there is no other place to compare with, and no letter. */
export async function noteSignIn({ tx, now, source, send }: CommandContext, userId: string): Promise<void> {
  if (source?.address == null) return
  const network = networkOf(source.address)
  const known = await tx.selectFrom('signInPlace').select(['network', 'lastAt']).where('userId', '=', userId).execute()
  const isNew = !known.some((place) => place.network === network && place.lastAt > now - KNOWN_FOR_MS)
  await tx
    .insertInto('signInPlace')
    .values({ userId, network, lastAt: now })
    .onConflict((conflict) => conflict.columns(['userId', 'network']).doUpdateSet({ lastAt: now }))
    .execute()
  if (!isNew || known.length === 0) return
  const { name, email } = await tx
    .selectFrom('user')
    .select(['name', 'email'])
    .where('id', '=', userId)
    .executeTakeFirstOrThrow()
  const fields = { name, at: now, address: source.address, client: source.userAgent }
  send('mail', { to: email, letter: 'new-sign-in', fields })
}
