/** How often somebody may try to prove who they are. */
import type { Guard } from '../../core/api/throttle/guard.ts'
import { findChallenge } from './sessions/challenges.ts'
import { findUserByEmail } from './queries.ts'

const MINUTE = 60_000

/** Five typing errors are free, and after a dozen more it is a quarter of an hour for each. */
const PER_ACCOUNT = { free: 5, firstMs: 1000, longestMs: 15 * MINUTE }
/** An office sits behind one address: it is slowed down late and little. */
const PER_ADDRESS = { free: 50, firstMs: 1000, longestMs: MINUTE }

export const SIGN_IN: Guard<{ email: string }> = {
  kind: 'sign-in',
  account: ({ email }) => email,
  findPerson: async (read, email) => (await findUserByEmail(read, email))?.id,
  perAccount: PER_ACCOUNT,
  perAddress: PER_ADDRESS,
}

/** The password of a person who has a session already: the same attempts, on the same account. */
export const OWN_PASSWORD: Guard<unknown> = {
  ...SIGN_IN,
  async account(_input, { read, actorId }) {
    const user = await read.selectFrom('user').select('email').where('id', '=', actorId).executeTakeFirst()
    return user?.email ?? null
  },
}

export const SECOND_STEP: Guard<{ token: string }> = {
  kind: 'second-step',
  account: async ({ token }, { read, now }) => (await findChallenge(read, now, token))?.userId ?? null,
  findPerson: (_read, userId) => userId,
  perAccount: PER_ACCOUNT,
  perAddress: PER_ADDRESS,
}

export const OWN_SECOND_STEP: Guard<unknown> = { ...SECOND_STEP, account: (_input, { actorId }) => actorId }

/** Each letter that is asked for counts, whether or not one is sent. */
export const RESET: Guard<{ email: string }> = {
  ...SIGN_IN,
  kind: 'password-reset',
  perAccount: { free: 3, firstMs: MINUTE, longestMs: 60 * MINUTE },
}

export const REGISTRATION: Guard<{ email: string }> = { ...RESET, kind: 'registration' }
