/** The operations on second steps: setting up one's own, signing in with it, and the rules for roles. */
import { z } from 'zod'
import { Role } from '@rejoin/shared/access/access.ts'
import { declare, declareQuery } from '@rejoin/shared/contract/declare.ts'
import { Instant } from '@rejoin/shared/values.ts'
import { NewToken, SignedIn } from './sessions.ts'

/** From the app, or one for recovery. */
const Code = z.string().min(6).max(40)
const WithCode = z.strictObject({ code: Code })
const WithChallenge = z.strictObject({ token: z.string().min(1).max(100) })
const ChallengeAndCode = WithChallenge.extend({ code: Code })

/** For an authenticator app: the secret, as an address, and as a picture of the address. */
const Offer = z.object({ secret: z.string(), uri: z.string(), svg: z.string() })
const RecoveryCodes = z.object({ recoveryCodes: z.array(z.string()) })

export const status = declareQuery({
  name: 'accounts.mfa.status',
  input: z.void(),
  output: z.object({
    enrolledAt: Instant.nullable(),
    recoveryCodesLeft: z.int(),
    /** From when on the reader's role requires a second step; null: it does not. */
    requiredAt: Instant.nullable(),
  }),
  action: 'signed-in',
  codes: [],
  rest: 'GET /me/second-step',
  doc: 'The state of the reader’s second step: since when it is set up, and from when on it is required.',
})

export const begin = declare({
  name: 'second-step.begin',
  input: z.strictObject({ password: z.string().max(200) }),
  output: Offer,
  action: 'signed-in',
  codes: ['conflict', 'wrong-credentials'],
  guard: 'sign-in',
  keeps: 'nothing',
  rest: 'POST /me/second-step',
  doc: 'Begins to set up a second step: returns a secret for an authenticator app.',
})

export const confirm = declare({
  name: 'second-step.confirm',
  input: WithCode,
  output: NewToken.extend(RecoveryCodes.shape),
  action: 'signed-in',
  codes: ['conflict', 'wrong-credentials'],
  guard: 'second-step',
  keeps: 'token',
  rest: 'POST /me/second-step/confirm',
  doc: 'Sets up the second step with a first code of the app. Other sessions end; the recovery codes are shown once.',
})

export const disable = declare({
  name: 'second-step.disable',
  input: WithCode,
  output: NewToken,
  action: 'signed-in',
  codes: ['conflict', 'wrong-credentials'],
  guard: 'second-step',
  keeps: 'token',
  rest: 'POST /me/second-step/disable',
  doc: 'Removes the author’s second step, unless their role requires one. Other sessions end.',
})

export const renewRecoveryCodes = declare({
  name: 'second-step.renew-recovery',
  input: WithCode,
  output: RecoveryCodes,
  action: 'signed-in',
  codes: ['wrong-credentials'],
  guard: 'second-step',
  keeps: 'nothing',
  rest: 'POST /me/recovery-codes',
  doc: 'Makes new recovery codes, which are shown once. Earlier ones stop working.',
})

export const answer = declare({
  name: 'second-step.answer',
  input: ChallengeAndCode,
  output: SignedIn,
  action: 'public',
  codes: ['unauthenticated', 'account-disabled', 'wrong-credentials'],
  guard: 'second-step',
  rest: 'POST /sessions/second-step',
  doc: 'Finishes signing in with a code of the app, or one for recovery.',
})

export const beginRequired = declare({
  name: 'second-step.begin-required',
  input: WithChallenge,
  output: Offer,
  action: 'public',
  codes: ['unauthenticated', 'account-disabled', 'conflict'],
  rest: 'POST /sessions/enrolment',
  doc: 'Begins to set up a second step while signing in, for a person whose role requires one.',
})

export const confirmRequired = declare({
  name: 'second-step.confirm-required',
  input: ChallengeAndCode,
  output: SignedIn.extend(RecoveryCodes.shape),
  action: 'public',
  codes: ['unauthenticated', 'account-disabled', 'conflict', 'wrong-credentials'],
  guard: 'second-step',
  rest: 'POST /sessions/enrolment/confirm',
  doc: 'Sets up the required second step with a first code of the app, and finishes signing in.',
})

const RoleRule = z.strictObject({
  role: Role,
  /** Days after which nobody of the role signs in without a second step; null takes the rule back. */
  graceDays: z.int().min(0).max(365).nullable(),
})

/** `require` in the API. */
export const requireStep = declare({
  name: 'second-step.require',
  input: RoleRule,
  output: z.object({ requiredAt: Instant.nullable() }),
  action: 'second-step.manage',
  codes: [],
  rest: 'PUT /second-step-rules/{role}',
  doc: 'Requires a second step of everybody with a role after some days, or of nobody any more.',
})

export const reset = declare({
  name: 'second-step.reset',
  input: z.strictObject({ userId: z.string() }),
  output: z.void(),
  action: 'second-step.manage',
  codes: [],
  rest: 'DELETE /users/{userId}/second-step',
  doc: 'Removes the second step of a person who has lost it, and ends their sessions.',
})
