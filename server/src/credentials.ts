/** Where a request carries its session token: a header, a cookie, or a WebSocket subprotocol. Never the URL. */
import { SESSION_COOKIE } from './accounts/sessions.ts'
import { BEARER_PREFIX, SUBPROTOCOL } from '@rejoin/shared/wire.ts'

/** The token, or null. A cookie counts only when the page that sends it is served from here. */
export function tokenOf(request: Request): string | null {
  const { headers } = request
  const [scheme, bearer] = (headers.get('authorization') ?? '').split(' ')
  if (scheme?.toLowerCase() === 'bearer' && bearer !== undefined) return bearer
  const offered = (headers.get('sec-websocket-protocol') ?? '').split(',').map((each) => each.trim())
  const protocol = offered.find((each) => each.startsWith(BEARER_PREFIX))
  if (protocol !== undefined) return protocol.slice(BEARER_PREFIX.length)
  return isSameOrigin(request) ? cookieOf(headers) : null
}

/** The subprotocol to answer with: browsers give up on a server that picks none of what they offer. */
export function subprotocolOf(offered: ReadonlySet<string>): string | false {
  if (offered.has(SUBPROTOCOL)) return SUBPROTOCOL
  return [...offered][0] ?? false
}

function cookieOf(headers: Headers): string | null {
  const cookies = (headers.get('cookie') ?? '').split(';').map((each) => each.trim().split('='))
  return cookies.find(([name]) => name === SESSION_COOKIE)?.[1] ?? null
}

function isSameOrigin({ headers }: Request): boolean {
  const origin = headers.get('origin')
  return origin === null || (URL.canParse(origin) && new URL(origin).host === headers.get('host'))
}
