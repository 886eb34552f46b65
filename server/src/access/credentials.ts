/**
 * Where a request carries its token: a header, a WebSocket subprotocol, or a cookie. Never the URL.
 *
 * 1. Browsers send a cookie for the requests of any page, so it counts only if the requesting page is served from here.
 *    A request that changes something, and every socket, must prove that; a bearer token is proof enough, as no other
 *    page has it.
 */
import { SESSION_COOKIE } from '../slices/accounts/sessions.ts'
import { BEARER_PREFIX, SUBPROTOCOL } from '@rejoin/shared/sync/wire.ts'

/** A header of a request by its lower-case name. */
export type Header = (name: string) => string | null | undefined

export interface Credentials {
  readonly token: string | null
  readonly isCookie: boolean
}

/** The parts of a request that decide whether its cookie counts. */
export interface Asked {
  readonly header: Header
  /** Whether the request only reads, and is no socket. */
  readonly isSafe: boolean
  /** The URL under which people reach the server: the `host` that a proxy passes on may differ. */
  readonly publicUrl: string
}

export function credentialsOf(asked: Asked): Credentials {
  const bearer = bearerOf(asked.header)
  if (bearer !== null) return { token: bearer, isCookie: false }
  return { token: isFromHere(asked) ? cookieOf(asked) : null, isCookie: true }
}

/**
 * The present name of the cookie, followed by its former names. If people reach the server by https, browsers accept
 * the name only from this host and over TLS: no other host of the domain can plant one.
 */
export function cookieNames(publicUrl: string): readonly [name: string, ...former: string[]] {
  return publicUrl.startsWith('https:') ? [`__Host-${SESSION_COOKIE}`, SESSION_COOKIE] : [SESSION_COOKIE]
}

/** The subprotocol to answer with: browsers give up on a server that picks none of those offered. */
export function subprotocolOf(offered: ReadonlySet<string>): string | false {
  if (offered.has(SUBPROTOCOL)) return SUBPROTOCOL
  return [...offered][0] ?? false
}

/** Whether the requesting page is served from here, as far as the browser tells. */
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
