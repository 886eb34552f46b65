/**
 * The one table of errors: every code a door may answer with, and what each door makes of it.
 * It holds no sentences: a `Refusal` carries those, written where the reason is known.
 */

interface ErrorRow {
  /** HTTP status at tRPC and `POST /sync`. */
  readonly status: number
  /** The closed set of tRPC codes; the typed code travels beside it. */
  readonly trpc:
    | 'BAD_REQUEST'
    | 'UNAUTHORIZED'
    | 'FORBIDDEN'
    | 'NOT_FOUND'
    | 'CONFLICT'
    | 'PAYLOAD_TOO_LARGE'
    | 'PRECONDITION_FAILED'
    | 'UNPROCESSABLE_CONTENT'
    | 'TOO_MANY_REQUESTS'
    | 'INTERNAL_SERVER_ERROR'
    | 'SERVICE_UNAVAILABLE'
  /** What a device does with the same input: `never` send it again, after a `sign-in`, or `later` by itself. */
  readonly retry: 'never' | 'sign-in' | 'later'
  /** What becomes of a queued command that meets it: refused for good, or parked until a person decides. */
  readonly outcome: 'refused' | 'parked'
  /** A device that gets it erases what it holds of the server's. */
  readonly wipe?: true
}

const refused = { retry: 'never', outcome: 'refused' } as const
const parked = { retry: 'never', outcome: 'parked' } as const

export const ERRORS = {
  invalid: { status: 400, trpc: 'BAD_REQUEST', ...refused },
  'unknown-command': { status: 400, trpc: 'BAD_REQUEST', ...refused },
  'malformed-frame': { status: 400, trpc: 'BAD_REQUEST', ...refused },
  'malformed-text': { status: 400, trpc: 'BAD_REQUEST', ...refused },
  'missing-dependencies': { status: 409, trpc: 'CONFLICT', ...refused },
  'too-large': { status: 413, trpc: 'PAYLOAD_TOO_LARGE', ...refused },
  unauthenticated: { status: 401, trpc: 'UNAUTHORIZED', retry: 'sign-in', outcome: 'refused' },
  'account-disabled': { status: 401, trpc: 'UNAUTHORIZED', retry: 'sign-in', outcome: 'refused', wipe: true },
  'wrong-credentials': { status: 401, trpc: 'UNAUTHORIZED', ...refused },
  /** A link of a letter that was used, has run out or is not whole. */
  'bad-link': { status: 400, trpc: 'BAD_REQUEST', ...refused },
  'too-many-attempts': { status: 429, trpc: 'TOO_MANY_REQUESTS', retry: 'later', outcome: 'refused' },
  'too-many-requests': { status: 429, trpc: 'TOO_MANY_REQUESTS', retry: 'later', outcome: 'refused' },
  forbidden: { status: 403, trpc: 'FORBIDDEN', ...refused },
  'forged-author': { status: 403, trpc: 'FORBIDDEN', ...refused },
  'foreign-device': { status: 403, trpc: 'FORBIDDEN', ...refused },
  /** Its store was copied or rolled back; the device goes on as another one by itself. */
  'cloned-device': { status: 409, trpc: 'CONFLICT', retry: 'later', outcome: 'refused' },
  /** Its person or an administrator has revoked the device, for good. */
  'device-revoked': { status: 403, trpc: 'FORBIDDEN', ...refused, wipe: true },
  'not-found': { status: 404, trpc: 'NOT_FOUND', ...refused },
  conflict: { status: 409, trpc: 'CONFLICT', ...refused },
  'id-taken': { status: 409, trpc: 'CONFLICT', ...refused },
  /** The id of the command belongs to another one of the same person, whose verdict stands. */
  'key-reused': { status: 422, trpc: 'UNPROCESSABLE_CONTENT', ...refused },
  'already-assigned': { status: 409, trpc: 'CONFLICT', ...refused },
  superseded: { status: 409, trpc: 'CONFLICT', ...refused },
  'no-path': { status: 409, trpc: 'CONFLICT', ...parked },
  reassigned: { status: 409, trpc: 'CONFLICT', ...parked },
  /** Its author had the right to it when they did it, and has not any more. */
  'rights-changed': { status: 409, trpc: 'CONFLICT', ...parked },
  /** The department takes no new tickets and no new members. */
  'department-disabled': { status: 409, trpc: 'CONFLICT', ...parked },
  /** It builds on earlier work of the same device that did not go through. */
  depends: { status: 409, trpc: 'CONFLICT', ...parked },
  /** Another command of its group did not go through; what became of that one becomes of it. */
  group: { status: 409, trpc: 'CONFLICT', ...parked },
  rejected: { status: 409, trpc: 'CONFLICT', ...refused },
  withdrawn: { status: 409, trpc: 'CONFLICT', ...refused },
  'last-admin': { status: 409, trpc: 'CONFLICT', ...refused },
  'already-set-up': { status: 409, trpc: 'CONFLICT', ...refused },
  internal: { status: 500, trpc: 'INTERNAL_SERVER_ERROR', ...parked },
  unavailable: { status: 503, trpc: 'SERVICE_UNAVAILABLE', retry: 'later', outcome: 'refused' },
  /** The device speaks a later version of the command schemas, which the server understands once it is updated. */
  'server-too-old': { status: 503, trpc: 'SERVICE_UNAVAILABLE', retry: 'later', outcome: 'refused' },
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof ERRORS

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code)
}

/** Whether it ends a session: nothing was decided, and whoever asked has to sign in first. */
export function needsSignIn(code: ErrorCode): boolean {
  return ERRORS[code].retry === 'sign-in'
}

export function wipes(code: ErrorCode): boolean {
  const row: ErrorRow = ERRORS[code]
  return row.wipe === true
}

/** An expected "no". The message is a sentence for the person; the hint says what to do next. Anything else is a bug. */
export class Refusal extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, hint?: string) {
    super(message)
    this.name = 'Refusal'
    this.code = code
    this.hint = hint
  }
}

/** So many fields are named at once. */
const NAMED = 10

/** Names the fields that a schema refused and why, in a line. */
export function describeIssues(error: {
  issues: readonly { path: readonly PropertyKey[]; message: string }[]
}): string {
  const { issues } = error
  const more = issues.length > NAMED ? [`and ${issues.length - NAMED} more`] : []
  return [...issues.slice(0, NAMED).map(described), ...more].join('; ') || 'The input is not valid.'
}

function described({ path, message }: { readonly path: readonly PropertyKey[]; readonly message: string }): string {
  return `${cut(path.map(String).join('.') || 'input')}: ${cut(message)}`
}

/** What a sentence repeats of somebody's input is short: the sentence is stored, and has to fit into a frame. */
function cut(text: string): string {
  return text.length <= QUOTED ? text : `${text.slice(0, QUOTED).toWellFormed()}…`
}

const QUOTED = 200
