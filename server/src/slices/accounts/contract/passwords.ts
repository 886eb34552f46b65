/** The operations on passwords: changing one's own, and links to choose a new one. */
import { z } from 'zod'
import { declare, declareQuery } from '@rejoin/shared/contract/declare.ts'
import { Email, MAX_EMAIL } from '@rejoin/shared/email.ts'
import { Instant } from '@rejoin/shared/values.ts'
import { NewToken } from './sessions.ts'
import { Token } from '../tokens.ts'
import { Password } from './fields.ts'

export const changePassword = declare({
  name: 'password.change',
  input: z.strictObject({ current: z.string().max(200), password: Password }),
  output: NewToken,
  action: 'signed-in',
  codes: ['wrong-credentials'],
  guard: 'sign-in',
  keeps: 'token',
  rest: 'PUT /me/password',
  doc: 'Changes the author’s password with the present one. Their other sessions end, and this one gets another token.',
})

export const requestPasswordReset = declare({
  name: 'password.request-reset',
  input: z.strictObject({ email: Email }),
  output: z.void(),
  action: 'public',
  codes: [],
  guard: 'password-reset',
  rest: 'POST /password-resets',
  doc: 'Asks for a link to choose a new password. The answer is the same whether or not the address has an account.',
})

export const verifyResetToken = declareQuery({
  name: 'accounts.verifyResetToken',
  input: z.strictObject({ token: Token }),
  output: z.object({ isValid: z.boolean() }),
  action: 'public',
  codes: [],
  // A token does not belong in an address, which proxies and logs keep.
  rest: null,
  doc: 'Says whether a link to choose a new password still works.',
})

export const resetPassword = declare({
  name: 'password.reset',
  input: z.strictObject({ token: Token, password: Password }),
  output: z.void(),
  action: 'public',
  codes: ['bad-link'],
  rest: 'POST /password-resets/finish',
  doc: 'Sets a new password with the token of a link, once. All sessions and API tokens of the person end.',
})

export const createPasswordLink = declare({
  name: 'password.hand-out-link',
  input: z.strictObject({ email: z.string().max(MAX_EMAIL) }),
  output: z.object({ token: z.string(), expiresAt: Instant }),
  action: 'user.hand-out-link',
  codes: ['conflict'],
  keeps: 'nothing',
  rest: 'POST /password-links',
  doc: 'Makes a link to choose a new password, for a person whom mail does not reach.',
})
