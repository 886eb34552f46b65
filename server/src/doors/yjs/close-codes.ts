/**
 * What a socket is closed with, for what went wrong: a code that clients act on, and a reason for their log. From 4400 to
 * 4499 y-websocket takes for final, from version 3.1 on, and stays away: so only that has one which the same document
 * meets again however often it comes.
 */
import { needsSignIn, passes, Refusal, type ErrorCode } from '@rejoin/shared/errors.ts'

/** WebSocket close codes: 4403 for what the rules forbid, 4401 without a session, 1011 for a fault of the server. */
const CLOSE_FORBIDDEN = 4403
const CLOSE_UNAUTHENTICATED = 4401
const CLOSE_UNAVAILABLE = 1013
const CLOSE_INTERNAL = 1011

export function closeCodeOf(error: unknown): number {
  if (!(error instanceof Refusal)) return CLOSE_INTERNAL
  if (needsSignIn(error.code)) return CLOSE_UNAUTHENTICATED
  return passes(error.code) ? CLOSE_UNAVAILABLE : CLOSE_FORBIDDEN
}

/** A refusal, for awareness: in full, and for clients that do not tell with which code they were closed. */
export interface Refused {
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string
}

export function refusalOf({ code, message, hint }: Refusal): Refused {
  return { code, message, ...(hint !== undefined && { hint }) }
}

/** A close reason holds at most 123 bytes. */
export function reasonOf(error: unknown): string {
  const reason = error instanceof Refusal ? `${error.code}: ${error.message}` : 'internal: The server failed.'
  return new TextDecoder().decode(new TextEncoder().encode(reason).subarray(0, 120)).replace(/\uFFFD+$/, '')
}
