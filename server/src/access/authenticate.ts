/** Authentication: the session or API token of a request, and its origin. The same for every door. */
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { Action } from '@rejoin/shared/access/access.ts'
import { API_TOKEN_PREFIX, findApiToken } from '../slices/accounts/api-tokens/queries.ts'
import { findSession } from '../slices/accounts/sessions.ts'
import type { Sightings } from '../slices/accounts/sessions/sightings.ts'
import type { Commits } from '../core/commit/commit.ts'
import type { Read } from '../core/storage/db.ts'
import type { Source } from '../core/command.ts'
import type { Header } from './credentials.ts'

/** The client of a request: its address, and its name for itself. */
export type Client = Pick<Source, 'address' | 'userAgent'>

const LONGEST_USER_AGENT = 300

export interface Identity {
  /** The id of the session, or of the API token. */
  readonly id: string
  readonly userId: string
  /** The scopes of an API token; null for a session. */
  readonly scopes: readonly Action[] | null
}

interface Ports {
  readonly read: Read
  readonly commits: Commits
  readonly sightings: Sightings
  now(): number
}

/** Resolves a token to its session or API token and records the sighting; null if unknown, ended or expired. */
export async function authenticate(
  { read, commits, sightings, now: clock }: Ports,
  token: string | null,
  client: Client,
): Promise<Identity | null> {
  if (token === null) return null
  const now = clock()
  if (token.startsWith(API_TOKEN_PREFIX)) {
    const found = findApiToken(read, now, token)
    if (found !== null) sightings.note({ table: 'apiToken', id: found.id, at: now, ...client })
    return found
  }
  const session = await findSession({ read, commits, now }, token)
  if (session === null) return null
  sightings.note({ table: 'session', id: session.id, at: now, ...client })
  return { ...session, scopes: null }
}

/**
 * Behind `proxies` of our own, each of which appends the address of its caller, the origin is the caller of the first
 * one. If that is no address, the caller of this server counts: any other text would be a new client each time.
 */
export function clientOf(header: Header, peer: string | undefined, proxies: number): Client {
  const forwarded = proxies === 0 ? undefined : (header('x-forwarded-for') ?? '').split(',').at(-proxies)
  const address = addressIn(forwarded ?? '') ?? addressIn(peer ?? '')
  return { address, userAgent: header('user-agent')?.slice(0, LONGEST_USER_AGENT) ?? null }
}

/**
 * The address in `text`, in its one form: without the port, the brackets and the zone that proxies add, and IPv4
 * instead of IPv4-mapped IPv6. Null if there is none.
 */
function addressIn(text: string): string | null {
  const [bare = ''] = withoutPort(text.trim()).split('%')
  return isIP(bare) === 0 ? null : ipaddr.process(bare).toString()
}

function withoutPort(text: string): string {
  const [, bracketed] = /^\[(.*)\](?::\d*)?$/.exec(text) ?? []
  return bracketed ?? text.replace(/^([\d.]+):\d*$/, '$1')
}
