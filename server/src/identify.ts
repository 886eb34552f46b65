/** Who stands at a door: the session or API token, and from where it is used. The same for every door. */
import { isIPv6 } from 'node:net'
import type { Action } from '@rejoin/shared/access.ts'
import { API_TOKEN_PREFIX, findApiToken } from './accounts/api-tokens/queries.ts'
import { findSession } from './accounts/sessions.ts'
import type { App } from './app.ts'
import type { Source } from './core/commit/command.ts'
import type { Header } from './credentials.ts'

/** From where a request came. */
export type Place = Pick<Source, 'address' | 'userAgent'>

const LONGEST_USER_AGENT = 300

export interface Identity {
  /** Of the session, or of the API token. */
  readonly id: string
  readonly userId: string
  /** What an API token is limited to; null for a session. */
  readonly scopes: readonly Action[] | null
}

/** Whom the token names, who was seen hereby; null when it is unknown, ended or expired. */
export async function identify(
  app: Pick<App, 'read' | 'commits' | 'sightings' | 'now'>,
  token: string | null,
  place: Place,
): Promise<Identity | null> {
  if (token === null) return null
  const { read, commits, sightings } = app
  const now = app.now()
  if (token.startsWith(API_TOKEN_PREFIX)) {
    const found = findApiToken(read, now, token)
    if (found !== null) sightings.note({ table: 'apiToken', id: found.id, at: now, ...place })
    return found
  }
  const session = await findSession({ read, commits, now }, token)
  if (session === null) return null
  sightings.note({ table: 'session', id: session.id, at: now, ...place })
  return { ...session, scopes: null }
}

/** Behind `proxies` of our own, each of which adds the address that it was asked from, the one that the first one saw. */
export function placeOf(header: Header, peer: string | undefined, proxies: number): Place {
  const forwarded = (header('x-forwarded-for') ?? '').split(',').map((each) => each.trim())
  const address = proxies === 0 ? peer : (forwarded.at(-proxies) ?? peer)
  return { address: plain(address), userAgent: header('user-agent')?.slice(0, LONGEST_USER_AGENT) ?? null }
}

/** An IPv4 address in the form of IPv6 is the same address. */
function plain(address: string | undefined): string | null {
  if (address === undefined || address === '') return null
  return isIPv6(address) && address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address
}
