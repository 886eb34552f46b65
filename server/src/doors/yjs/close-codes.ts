/**
 * Close codes for each error of a socket: a code that clients act on, and a reason for their log. y-websocket, from
 * version 3.1 on, takes 4400 to 4499 as final and stays away: so only an error that the same document would meet again
 * at every attempt has such a code.
 */
import { needsSignIn, passes, Refusal, type ErrorCode } from '@rejoin/shared/errors.ts'

/**
 * WebSocket close codes: 4403 for a write that the rules forbid, 4401 without a session, 1011 for a fault of the
 * server.
 */
const CLOSE_FORBIDDEN = 4403
const CLOSE_UNAUTHENTICATED = 4401
const CLOSE_UNAVAILABLE = 1013
const CLOSE_INTERNAL = 1011

export function closeCodeOf(error: unknown): number {
  if (!(error instanceof Refusal)) return CLOSE_INTERNAL
  if (needsSignIn(error.code)) return CLOSE_UNAUTHENTICATED
  return passes(error.code) ? CLOSE_UNAVAILABLE : CLOSE_FORBIDDEN
}

/** A refusal, for awareness: in full, and for clients that do not expose their close code. */
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
