/**
 * Awareness among the editors of one ticket: relayed, with the name that the server knows put in.
 *
 * 1. A member speaks for one client id, the first that it names and nobody else has. Stock clients repeat whatever they
 *    hear of others; taken for their own words, that would give them somebody else's id.
 * 2. What is told of a client id has a higher clock each time: clients ignore what is not newer than all they ever heard
 *    of the id, even where it, or they themselves, left and came back.
 */
import type { AwarenessEntry } from './protocol.ts'
import { awarenessUpdate } from './protocol.ts'

export interface Member {
  readonly person: { readonly id: string; readonly name: string }
  hear(awareness: Uint8Array): void
}

interface Room {
  /** What each member last said of itself; null before that. */
  readonly members: Map<Member, { readonly clientId: number; readonly state: unknown } | null>
  /** The last clock of each client id that was ever told of here. */
  readonly clocks: Map<number, number>
}

const MAX_CLOCK = 2 ** 48

export class Rooms {
  readonly #rooms = new Map<string, Room>()
  #serverClock = 0

  isOpen(ticketId: string): boolean {
    return this.#rooms.has(ticketId)
  }

  join(ticketId: string, member: Member): void {
    const room = this.#rooms.get(ticketId) ?? { members: new Map(), clocks: new Map() }
    room.members.set(member, null)
    this.#rooms.set(ticketId, room)
    this.recall(ticketId, member)
  }

  /** Sends the member what everybody else last said of themselves. */
  recall(ticketId: string, member: Member): void {
    const room = this.#rooms.get(ticketId)
    if (room === undefined) return
    for (const [other, said] of room.members) {
      if (other === member || said === null) continue
      member.hear(awarenessUpdate(said.clientId, nextClock(room, said.clientId, 0), said.state))
    }
  }

  say(ticketId: string, member: Member, entries: readonly AwarenessEntry[]): void {
    const room = this.#rooms.get(ticketId)
    if (room === undefined) return
    for (const { clientId, clock, state: claimed } of entries) {
      if (!speaksFor(room, member, clientId, claimed)) continue
      const state = withPerson(claimed, member.person)
      const update = awarenessUpdate(clientId, nextClock(room, clientId, clock), state)
      room.members.set(member, { clientId, state })
      for (const other of room.members.keys()) if (other !== member) other.hear(update)
    }
  }

  leave(ticketId: string, member: Member): void {
    const room = this.#rooms.get(ticketId)
    const said = room?.members.get(member)
    if (room === undefined || said === undefined) return
    room.members.delete(member)
    if (room.members.size === 0) this.#rooms.delete(ticketId)
    if (said === null) return
    const gone = awarenessUpdate(said.clientId, nextClock(room, said.clientId, 0), null)
    for (const other of room.members.keys()) other.hear(gone)
  }

  /** Says something of the server's own, under its client id, to one member. */
  tell(member: Member, clientId: number, state: unknown): void {
    this.#serverClock += 1
    member.hear(awarenessUpdate(clientId, this.#serverClock, state))
  }
}

function speaksFor({ members }: Room, member: Member, clientId: number, state: unknown): boolean {
  const said = members.get(member)
  if (said === undefined) return false
  if (said !== null) return said.clientId === clientId
  return state !== null && [...members.values()].every((other) => other?.clientId !== clientId)
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
