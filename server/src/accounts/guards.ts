/** How often somebody may try to prove who they are. */
import type { Guard } from '../core/guesses/guard.ts'
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
