/**
 * Where a request carries its token: a header, a WebSocket subprotocol, or a cookie. Never the URL.
 *
 * 1. A cookie is sent by the browser whoever asks, so it counts only where the page that asks is served from here. What
 *    changes something, and every socket, must say so; a bearer token is proof enough, as no other page has it.
 */
import { SESSION_COOKIE } from '../slices/accounts/sessions.ts'
import { BEARER_PREFIX, SUBPROTOCOL } from '@rejoin/shared/sync/wire.ts'

/** A header of a request by its lower-case name. */
export type Header = (name: string) => string | null | undefined

export interface Credentials {
  readonly token: string | null
  readonly isCookie: boolean
}

/** What of a request decides whether its cookie counts. */
export interface Asked {
  readonly header: Header
  /** Whether it only reads, and is no socket. */
  readonly isSafe: boolean
  /** Where people reach the server: the `host` that a proxy passes on may be another. */
  readonly publicUrl: string
}

export function credentialsOf(asked: Asked): Credentials {
  const bearer = bearerOf(asked.header)
  if (bearer !== null) return { token: bearer, isCookie: false }
  return { token: isFromHere(asked) ? cookieOf(asked) : null, isCookie: true }
}

/**
 * The name of the cookie, and those under which it was set before. Where people reach the server by https, browsers take
 * the name only from this host and over TLS: no neighbour in the domain plants one.
 */
export function cookieNames(publicUrl: string): readonly [name: string, ...former: string[]] {
  return publicUrl.startsWith('https:') ? [`__Host-${SESSION_COOKIE}`, SESSION_COOKIE] : [SESSION_COOKIE]
}

/** The subprotocol to answer with: browsers give up on a server that picks none of what they offer. */
export function subprotocolOf(offered: ReadonlySet<string>): string | false {
  if (offered.has(SUBPROTOCOL)) return SUBPROTOCOL
  return [...offered][0] ?? false
}

/** Whether a page that is served from here asks, as far as a browser tells. */
export function isFromHere({ header, isSafe, publicUrl }: Asked): boolean {
  const site = header('sec-fetch-site') ?? null
  if (site !== null && site !== 'same-origin' && site !== 'none') return false
  const origin = header('origin') ?? null
  if (origin === null) return isSafe || site === 'same-origin'
  if (!URL.canParse(origin)) return false
  return new URL(origin).host === header('host') || origin === new URL(publicUrl).origin
}

function bearerOf(header: Header): string | null {
  const [scheme, bearer] = (header('authorization') ?? '').split(' ')
  if (scheme?.toLowerCase() === 'bearer' && bearer !== undefined) return bearer
  const offered = (header('sec-websocket-protocol') ?? '').split(',').map((each) => each.trim())
  const protocol = offered.find((each) => each.startsWith(BEARER_PREFIX))
  return protocol?.slice(BEARER_PREFIX.length) ?? null
}

function cookieOf({ header, publicUrl }: Asked): string | null {
  const pairs = (header('cookie') ?? '').split(';').map((each) => each.trim().split('='))
  for (const wanted of cookieNames(publicUrl)) {
    const token = pairs.find(([name]) => name === wanted)?.[1]
    if (token !== undefined) return token
  }
  return null
}
