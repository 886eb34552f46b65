/**
 * Awareness among the editors of one ticket: relayed, with the person's name filled in by the server.
 *
 * 1. A member speaks for one client id, the first that it names and no other member has. Stock clients repeat the
 *    states of others; if these counted as their own, they would take another member's id.
 * 2. The server sends the states of a client id with a higher clock each time: clients ignore a state that is not newer
 *    than every earlier one of the id, even if it, or they themselves, left and came back.
 * 3. A state is small, and its relays are rate-limited. A state that is not relayed is kept, and sent to the next
 *    clients that ask; its member repeats it, as stock clients do every 15 seconds.
 */
import { Refusal } from '@rejoin/shared/errors.ts'
import { lru } from '../../core/runtime/lru.ts'
import type { AwarenessEntry } from './protocol.ts'
import { awarenessUpdate } from './protocol.ts'

export interface Member {
  readonly person: { readonly id: string; readonly name: string }
  receiveAwareness(awareness: Uint8Array): void
}

interface Membership {
  /** Its last state; null before the first. */
  last: { readonly clientId: number; readonly state: unknown } | null
  /** How many relays it has left, as of `at`. */
  left: number
  at: number
}

interface Room {
  readonly members: Map<Member, Membership>
  /** The last clock of the most recently relayed client ids. */
  readonly clocks: ReturnType<typeof lru<number, number>>
}

const MAX_CLOCK = 2 ** 48
/** Client ids whose clock a room remembers: many more than are in it. */
const MAX_CLOCKS = 2000
/** A name, a colour and a cursor take some hundred bytes. */
const MAX_STATE_BYTES = 4096
/** A cursor that moves with each letter of a fast typist. */
const RELAYS_AT_ONCE = 50
const RELAYS_PER_SECOND = 10

export class Rooms {
  readonly #rooms = new Map<string, Room>()
  readonly #now: () => number
  #serverClock = 0

  constructor(now: () => number) {
    this.#now = now
  }

  isOpen(ticketId: string): boolean {
    return this.#rooms.has(ticketId)
  }

  join(ticketId: string, member: Member): void {
    const room = this.#rooms.get(ticketId) ?? { members: new Map(), clocks: lru<number, number>(MAX_CLOCKS) }
    room.members.set(member, { last: null, left: RELAYS_AT_ONCE, at: this.#now() })
    this.#rooms.set(ticketId, room)
    this.sendStates(ticketId, member)
  }

  /** Sends the member the last states of all others. Returns how many bytes that takes. */
  sendStates(ticketId: string, member: Member): number {
    const room = this.#rooms.get(ticketId)
    let bytes = 0
    for (const [other, { last }] of room?.members ?? []) {
      if (room === undefined || other === member || last === null) continue
      const update = awarenessUpdate(last.clientId, nextClock(room, last.clientId, 0), last.state)
      bytes += update.length
      member.receiveAwareness(update)
    }
    return bytes
  }

  /** Takes the member's own state and relays it. Throws `Refusal('too-large')`. */
  relay(ticketId: string, member: Member, entries: readonly AwarenessEntry[]): void {
    const room = this.#rooms.get(ticketId)
    const membership = room?.members.get(member)
    if (room === undefined || membership === undefined) return
    for (const { clientId, clock, state: claimed, bytes } of entries) {
      if (!owns(room, membership, clientId, claimed)) continue
      if (bytes > MAX_STATE_BYTES) throw tooLarge(bytes)
      const state = withPerson(claimed, member.person)
      membership.last = { clientId, state }
      if (!this.#mayRelay(membership)) continue
      const update = awarenessUpdate(clientId, nextClock(room, clientId, clock), state)
      for (const other of room.members.keys()) if (other !== member) other.receiveAwareness(update)
    }
  }

  leave(ticketId: string, member: Member): void {
    const room = this.#rooms.get(ticketId)
    const membership = room?.members.get(member)
    if (room === undefined || membership === undefined) return
    room.members.delete(member)
    if (room.members.size === 0) this.#rooms.delete(ticketId)
    const { last } = membership
    if (last === null) return
    const gone = awarenessUpdate(last.clientId, nextClock(room, last.clientId, 0), null)
    for (const other of room.members.keys()) other.receiveAwareness(gone)
  }

  /** Sends a state of the server's own, under its client id, to one member. */
  sendState(member: Pick<Member, 'receiveAwareness'>, clientId: number, state: unknown): void {
    this.#serverClock += 1
    member.receiveAwareness(awarenessUpdate(clientId, this.#serverClock, state))
  }

  #mayRelay(membership: Membership): boolean {
    const now = this.#now()
    const refilled = membership.left + (Math.max(0, now - membership.at) / 1000) * RELAYS_PER_SECOND
    membership.left = Math.min(RELAYS_AT_ONCE, refilled)
    membership.at = now
    if (membership.left < 1) return false
    membership.left -= 1
    return true
  }
}

function owns({ members }: Room, { last }: Membership, clientId: number, state: unknown): boolean {
  if (last !== null) return last.clientId === clientId
  return state !== null && [...members.values()].every((other) => other.last?.clientId !== clientId)
}

function tooLarge(bytes: number): Refusal {
  const message = `The awareness state has ${bytes} bytes; the limit is ${MAX_STATE_BYTES}.`
  return new Refusal('too-large', message, 'Keep only your name and your cursor in it.')
}

function nextClock({ clocks }: Room, clientId: number, clock: number): number {
  const next = Math.min(Math.max(clock, clocks.get(clientId) ?? 0), MAX_CLOCK) + 1
  clocks.set(clientId, next)
  return next
}

function withPerson(state: unknown, person: Member['person']): unknown {
  if (typeof state !== 'object' || state === null) return null
  const { user } = state as { user?: object }
  return { ...state, user: { ...user, id: person.id, name: person.name } }
}
