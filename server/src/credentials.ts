/** Where a request carries its session token: a header, a cookie, or a WebSocket subprotocol. Never the URL. */
import { SESSION_COOKIE } from './accounts/sessions.ts'
import { BEARER_PREFIX, SUBPROTOCOL } from '@rejoin/shared/wire.ts'

/** A header of a request by its lower-case name. */
type Header = (name: string) => string | null | undefined

/** The token, or null. A cookie counts only when the page that sends it is served from here. */
export function tokenOf(header: Header): string | null {
  const [scheme, bearer] = (header('authorization') ?? '').split(' ')
  if (scheme?.toLowerCase() === 'bearer' && bearer !== undefined) return bearer
  const offered = (header('sec-websocket-protocol') ?? '').split(',').map((each) => each.trim())
  const protocol = offered.find((each) => each.startsWith(BEARER_PREFIX))
  if (protocol !== undefined) return protocol.slice(BEARER_PREFIX.length)
  return isSameOrigin(header) ? cookieOf(header) : null
}

/** The subprotocol to answer with: browsers give up on a server that picks none of what they offer. */
export function subprotocolOf(offered: ReadonlySet<string>): string | false {
  if (offered.has(SUBPROTOCOL)) return SUBPROTOCOL
  return [...offered][0] ?? false
}

function cookieOf(header: Header): string | null {
  const cookies = (header('cookie') ?? '').split(';').map((each) => each.trim().split('='))
  return cookies.find(([name]) => name === SESSION_COOKIE)?.[1] ?? null
}

function isSameOrigin(header: Header): boolean {
  const origin = header('origin') ?? null
  return origin === null || (URL.canParse(origin) && new URL(origin).host === header('host'))
}
