/** What a socket is closed with, for what went wrong: a code that clients act on, and a reason for their log. */
import { ERRORS, needsSignIn, Refusal } from '@rejoin/shared/errors.ts'

/** WebSocket close codes: 4403 for what the rules forbid, 4401 without a session, 1011 for a fault of the server. */
const CLOSE_FORBIDDEN = 4403
const CLOSE_UNAUTHENTICATED = 4401
const CLOSE_UNAVAILABLE = 1013
const CLOSE_INTERNAL = 1011

export function closeCodeOf(error: unknown): number {
  if (!(error instanceof Refusal)) return CLOSE_INTERNAL
  if (needsSignIn(error.code)) return CLOSE_UNAUTHENTICATED
  return ERRORS[error.code].retry === 'later' ? CLOSE_UNAVAILABLE : CLOSE_FORBIDDEN
}

/** A close reason holds at most 123 bytes. */
export function reasonOf(error: unknown): string {
  const reason = error instanceof Refusal ? `${error.code}: ${error.message}` : 'internal: The server failed.'
  return new TextDecoder().decode(new TextEncoder().encode(reason).subarray(0, 120)).replace(/\uFFFD+$/, '')
}
