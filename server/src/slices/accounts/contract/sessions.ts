/** The operations on sessions: seeing them, and ending one's own or, as an administrator, those of others. */
import { z } from 'zod'
import { declare, declareQuery } from '@rejoin/shared/contract/declare.ts'
import { visibleName } from '@rejoin/shared/names.ts'
import { Instant } from '@rejoin/shared/values.ts'
import { pageBy } from '../../../core/input/paging.ts'

/** The hash of a token: it names a session, and opens nothing. */
export const SessionId = z.string().regex(/^[0-9a-f]{64}$/, 'is not the id of a session')
/** The name that its owner gives the place where they sign in, such as "Ada's tablet". */
export const DeviceName = visibleName(80)

/** The caller's token from now on; null where there is none, and where it went into the cookie. */
export const NewToken = z.object({ token: z.string().nullable(), expiresAt: Instant })
export type NewToken = Readonly<z.output<typeof NewToken>>

const Ended = z.object({ ended: z.int() })

export const sessions = declareQuery({
  name: 'accounts.sessions',
  /** Those of somebody; the ones behind the last of a page, by when they were used, and id. */
  input: pageBy({ lastSeenAt: z.number().nullable(), id: z.string() })
    .extend({ userId: z.string().optional() })
    .prefault({}),
  output: z.array(
    z.object({
      id: z.string(),
      device: z.string().nullable(),
      address: z.string().nullable(),
      userAgent: z.string().nullable(),
      createdAt: Instant,
      lastSeenAt: Instant.nullable(),
      expiresAt: Instant,
      /** Whether it is the one that asks. */
      isCurrent: z.boolean(),
    }),
  ),
  action: 'signed-in',
  codes: ['forbidden', 'not-found'],
  rest: 'GET /sessions',
  doc: 'The reader’s sessions, or with `session.manage` those of another person; the most recently used first.',
})

export const logOut = declare({
  name: 'session.log-out',
  input: z.void(),
  output: NewToken,
  action: 'signed-in',
  codes: [],
  keeps: 'token',
  rest: 'DELETE /me/session',
  doc: 'Ends the session that asks.',
})

export const revokeSession = declare({
  name: 'session.revoke',
  input: z.strictObject({ sessionId: SessionId }),
  output: z.void(),
  action: 'signed-in',
  codes: ['forbidden', 'not-found'],
  rest: 'DELETE /sessions/{sessionId}',
  answer: 'accounts.sessions',
  doc: 'Ends a session of the author, or with `session.manage` one of another person.',
})

export const revokeOtherSessions = declare({
  name: 'session.revoke-others',
  input: z.void(),
  output: Ended,
  action: 'signed-in',
  codes: [],
  rest: 'POST /sessions/revoke-others',
  answer: 'accounts.sessions',
  doc: 'Ends all sessions of the author but the one that asks, and says how many.',
})

export const revokeSessionsOf = declare({
  name: 'session.revoke-all',
  input: z.strictObject({ userId: z.string() }),
  output: Ended,
  action: 'session.manage',
  codes: [],
  rest: 'DELETE /users/{userId}/sessions',
  doc: 'Ends all sessions of a person, revokes their API tokens, and says how many sessions ended.',
})

/** A token that opens everything (`session`), or nothing but the next step of signing in. */
export const SignedIn = z.object({
  userId: z.string(),
  token: z.string(),
  opens: z.enum(['session', 'second-step', 'enrolment']),
  expiresAt: Instant,
})
export type SignedIn = Readonly<z.output<typeof SignedIn>>
