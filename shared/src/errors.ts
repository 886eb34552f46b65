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
  /** When the same input may be accepted: after a sign-in, or later. Absent: never. */
  readonly retry?: 'sign-in' | 'later'
  /** The verdict on a queued command that meets the error: refused for good, or parked until a person decides. */
  readonly outcome: 'refused' | 'parked'
  /** A device that gets it erases what it holds of the server's. */
  readonly wipe?: true
}

const refused = { outcome: 'refused' } as const
const parked = { outcome: 'parked' } as const

export const ERRORS = {
  invalid: { status: 400, trpc: 'BAD_REQUEST', ...refused },
  'unknown-command': { status: 400, trpc: 'BAD_REQUEST', ...refused },
  'malformed-frame': { status: 400, trpc: 'BAD_REQUEST', ...refused },
  'malformed-text': { status: 400, trpc: 'BAD_REQUEST', ...refused },
  'missing-dependencies': { status: 409, trpc: 'CONFLICT', ...refused, retry: 'later' },
  'too-large': { status: 413, trpc: 'PAYLOAD_TOO_LARGE', ...refused },
  unauthenticated: { status: 401, trpc: 'UNAUTHORIZED', ...refused, retry: 'sign-in' },
  'account-disabled': { status: 401, trpc: 'UNAUTHORIZED', ...refused, retry: 'sign-in', wipe: true },
  'wrong-credentials': { status: 401, trpc: 'UNAUTHORIZED', ...refused },
  /** A link of a letter that was used, has run out or is not whole. */
  'bad-link': { status: 400, trpc: 'BAD_REQUEST', ...refused },
  'too-many-attempts': { status: 429, trpc: 'TOO_MANY_REQUESTS', ...refused, retry: 'later' },
  'too-many-requests': { status: 429, trpc: 'TOO_MANY_REQUESTS', ...refused, retry: 'later' },
  forbidden: { status: 403, trpc: 'FORBIDDEN', ...refused },
  'forged-author': { status: 403, trpc: 'FORBIDDEN', ...refused },
  'foreign-device': { status: 403, trpc: 'FORBIDDEN', ...refused },
  /** Its store was copied or rolled back; the device goes on as another one by itself. */
  'cloned-device': { status: 409, trpc: 'CONFLICT', ...refused, retry: 'later' },
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
  unavailable: { status: 503, trpc: 'SERVICE_UNAVAILABLE', ...refused, retry: 'later' },
  /** The device speaks a later version of the command schemas, which the server understands once it is updated. */
  'server-too-old': { status: 503, trpc: 'SERVICE_UNAVAILABLE', ...refused, retry: 'later' },
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof ERRORS

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code)
}

/** Whether it ends a session: nothing was decided, and the person has to sign in first. */
export function needsSignIn(code: ErrorCode): boolean {
  return rowOf(code).retry === 'sign-in'
}

export function passes(code: ErrorCode): boolean {
  return rowOf(code).retry === 'later'
}

export function wipes(code: ErrorCode): boolean {
  return rowOf(code).wipe === true
}

function rowOf(code: ErrorCode): ErrorRow {
  return ERRORS[code]
}

/**
 * An expected "no". The message is a sentence for the person; the hint says what to do next. Anything else is a bug.
 */
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

/** The most fields that are named at once, and the length of the sentence about all of them. */
const NAMED = 10
const LONGEST = 1000

/** An issue of zod. */
interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
  /** The fields that an object does not have. */
  readonly keys?: readonly string[]
}

/** Names the fields that a schema refused and why, in a line. */
export function describeIssues({ issues }: { readonly issues: readonly Issue[] }): string {
  const more = issues.length > NAMED ? [`and ${issues.length - NAMED} more`] : []
  return cut([...issues.slice(0, NAMED).map(described), ...more].join('; ') || 'The input is not valid.', LONGEST)
}

function described({ path, message, keys = [] }: Issue): string {
  const field = path.map(String).join('.')
  if (keys.length === 0) return `${cut(field || 'input')}: ${cut(message)}`
  return keys
    .slice(0, NAMED)
    .map((key) => `${cut(field === '' ? key : `${field}.${key}`)}: unknown field`)
    .join('; ')
}

/** What a sentence repeats of somebody's input is short: the sentence is stored, and has to fit into a frame. */
function cut(text: string, longest = QUOTED): string {
  return text.length <= longest ? text : `${text.slice(0, longest).toWellFormed()}…`
}

const QUOTED = 200
