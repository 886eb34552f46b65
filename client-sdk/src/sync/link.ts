/**
 * The states of a device's connection and the moves between them, as a pure function. Sockets and timers are in
 * `connection.ts`.
 *
 * 1. Only `connect` leaves `offline`, and nothing leaves `closed`.
 * 2. There is at most one socket: `socket` counts the sockets wanted so far, a new number asks for a new one.
 * 3. Only a batch from the server resets the back-off, so a server that accepts and drops is not hammered.
 */
import type { ConnectionState } from '../changes.ts'

export type LinkEvent =
  | 'connect'
  | 'disconnect'
  | 'sign-in'
  | 'close'
  /** The wait is over. */
  | 'retry'
  /** There is a reason to end the wait early: new work, or a network. It says nothing of the server, so the back-off stays. */
  | 'nudge'
  | 'opened'
  /** A batch was taken. */
  | 'batch'
  /** It was the last of those that bring the device up to date. */
  | 'caught-up'
  | 'lost'
  | 'rejected'

export interface Link {
  readonly state: ConnectionState
  /** Attempts since the last batch. */
  readonly attempts: number
  readonly socket: number
}

export const OFFLINE: Link = { state: 'offline', attempts: 0, socket: 0 }

const FIRST_DELAY_MS = 500
const MAX_DELAY_MS = 30_000

export function hasSocket({ state }: Link): boolean {
  return state === 'connecting' || state === 'catching-up' || state === 'live'
}

const MOVES: Record<LinkEvent, (link: Link) => Link> = {
  connect: (link) => (hasSocket(link) ? link : dial(link)),
  retry: (link) => (link.state === 'waiting' ? dial(link) : link),
  nudge: (link) => (link.state === 'waiting' ? { ...dial(link), attempts: link.attempts } : link),
  'sign-in': (link) => (link.state === 'offline' ? link : dial({ ...link, attempts: 0 })),
  disconnect: (link) => (link.state === 'offline' ? link : { ...link, state: 'offline', attempts: 0 }),
  close: (link) => ({ ...link, state: 'closed' }),
  opened: (link) => (link.state === 'connecting' ? { ...link, state: 'catching-up' } : link),
  batch: (link) => (hasSocket(link) && link.attempts > 0 ? { ...link, attempts: 0 } : link),
  'caught-up': (link) => (link.state === 'catching-up' ? { ...link, state: 'live' } : link),
  lost: (link) => (hasSocket(link) ? { ...link, state: 'waiting' } : link),
  rejected: (link) => (hasSocket(link) ? { ...link, state: 'signed-out' } : link),
}

/** The link after `event`; the same object when the event changes nothing. */
export function follow(link: Link, event: LinkEvent): Link {
  return link.state === 'closed' ? link : MOVES[event](link)
}

function dial(link: Link): Link {
  return { state: 'connecting', attempts: link.attempts + 1, socket: link.socket + 1 }
}

/** Full jitter: anything up to a bound that doubles with each attempt, but not before the server asked for. */
export function delayMs(attempts: number, random: number, retryAfterMs: number): number {
  const bound = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, attempts - 1))
  return Math.max(retryAfterMs, random * bound)
}
