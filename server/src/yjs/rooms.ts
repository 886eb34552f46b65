/** Awareness among the editors of one ticket: relayed, with the name that the server knows put in. */
import type { AwarenessEntry } from './protocol.ts'
import { awarenessUpdate } from './protocol.ts'

export interface Member {
  readonly person: { readonly id: string; readonly name: string }
  hear(awareness: Uint8Array): void
}

export class Rooms {
  readonly #rooms = new Map<string, Map<Member, Map<number, Uint8Array>>>()

  join(ticketId: string, member: Member): void {
    const room = this.#rooms.get(ticketId) ?? new Map<Member, Map<number, Uint8Array>>()
    this.#rooms.set(ticketId, room.set(member, new Map()))
    this.recall(ticketId, member)
  }

  /** Sends the member what everybody else last said of themselves. */
  recall(ticketId: string, member: Member): void {
    for (const [other, states] of this.#rooms.get(ticketId) ?? []) {
      if (other !== member) for (const update of states.values()) member.hear(update)
    }
  }

  /** A member speaks for the client ids that nobody else in the room speaks for. */
  say(ticketId: string, member: Member, entries: readonly AwarenessEntry[]): void {
    const room = this.#rooms.get(ticketId)
    const own = room?.get(member)
    if (room === undefined || own === undefined) return
    for (const { clientId, clock, state } of entries) {
      const taken = [...room].some(([other, states]) => other !== member && states.has(clientId))
      if (taken) continue
      const update = awarenessUpdate(clientId, clock, withPerson(state, member.person))
      own.set(clientId, update)
      for (const other of room.keys()) if (other !== member) other.hear(update)
    }
  }

  leave(ticketId: string, member: Member): void {
    const room = this.#rooms.get(ticketId)
    const states = room?.get(member)
    if (room === undefined || states === undefined) return
    room.delete(member)
    if (room.size === 0) this.#rooms.delete(ticketId)
    for (const clientId of states.keys()) {
      const gone = awarenessUpdate(clientId, Number.MAX_SAFE_INTEGER, null)
      for (const other of room.keys()) other.hear(gone)
    }
  }
}

function withPerson(state: unknown, person: Member['person']): unknown {
  if (typeof state !== 'object' || state === null) return null
  const { user } = state as { user?: object }
  return { ...state, user: { ...user, id: person.id, name: person.name } }
}
