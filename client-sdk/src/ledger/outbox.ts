/** The commands that have no verdict yet, in the order of their making. It does not send them: see `dispatch.ts`. */
import { documentIdOf } from '@rejoin/shared/kinds.ts'
import { basisOf } from '@rejoin/shared/sync/depends.ts'
import { MAX_BASIS } from '@rejoin/shared/sync/wire.ts'
import { sizeOf } from './size.ts'
import type { Draft } from './journal.ts'
import {
  asToday,
  madeBy,
  numberedKey,
  OUTBOX_PREFIX,
  recordsUnder,
  textUpdateOf,
  type MadeCommand,
  type OutboxRecord,
  type Records,
  type Texts,
} from './records.ts'

export interface Entry extends OutboxRecord {
  readonly order: number
  /** The command's size in a frame. */
  readonly bytes: number
  /** The server may have it already, so its input must not change under its id any more. */
  readonly wasOffered: boolean
}

export class Outbox {
  /** Keyed by `order`, and in that order. */
  readonly #entries = new Map<number, Entry>()
  /** The same by ticket: a batch asks about each of its tickets. */
  readonly #ofTicket = new Map<string, Map<number, Entry>>()
  #nextOrder = 1

  constructor(records: Records) {
    for (const [number, record] of recordsUnder<OutboxRecord>(records, OUTBOX_PREFIX)) {
      const order = Number(number)
      // Whether it was sent before the process ended is not known.
      const command = madeBy(record.command)
      this.#keep({ ...record, command, order, bytes: sizeOf(command), wasOffered: true })
      this.#nextOrder = order + 1
    }
  }

  get size(): number {
    return this.#entries.size
  }

  all(): Entry[] {
    return [...this.#entries.values()]
  }

  ofTicket(ticketId: string): Entry[] {
    return [...(this.#ofTicket.get(ticketId)?.values() ?? [])]
  }

  textsOf(ticketId: string): Uint8Array[] {
    return this.ofTicket(ticketId).flatMap((entry) => textUpdateOf(entry.command) ?? [])
  }

  /** Adds the command, and notes with it the waiting commands that it builds on. */
  add(draft: Draft, made: MadeCommand, text?: Texts): void {
    const ticketId = documentIdOf(made)
    const earlier = ticketId === null ? [] : this.ofTicket(ticketId).map(({ command }) => asToday(command))
    const command = { ...made, after: basisOf(made, earlier).slice(-MAX_BASIS) }
    const entry = { order: this.#nextOrder, command, ...(text && { text }), bytes: sizeOf(command), wasOffered: false }
    this.#nextOrder += 1
    this.#write(draft, entry)
  }

  /**
   * Puts `command` in the place of an entry that was not offered. The command has an id of its own: a copy of the store
   * may send the entry as it was.
   */
  replace(draft: Draft, entry: Entry, command: MadeCommand, text: Texts): void {
    this.#write(draft, { ...entry, command, text: { ...entry.text, ...text }, bytes: sizeOf(command) })
  }

  /** The server has lost the changes after `cursor` and reuses their numbers: no command has seen the new ones. */
  forgetSeen(draft: Draft, cursor: number): void {
    for (const entry of this.#entries.values()) {
      if (entry.command.seen > cursor) this.#write(draft, { ...entry, command: { ...entry.command, seen: cursor } })
    }
  }

  remove(draft: Draft, entry: Entry): void {
    draft.delete(numberedKey(OUTBOX_PREFIX, entry.order))
    draft.after(() => this.#forget(entry))
    draft.touch('outbox')
  }

  /** Call it inside a turn, before the command goes on the wire. */
  markOffered(entry: Entry): void {
    this.#keep({ ...entry, wasOffered: true })
  }

  /** The ticket's document was replaced: text typed from now on is not merged into the waiting commands. */
  seal(ticketId: string): void {
    for (const entry of this.ofTicket(ticketId)) this.markOffered(entry)
  }

  #write(draft: Draft, entry: Entry): void {
    const { command, text } = entry
    draft.put(numberedKey(OUTBOX_PREFIX, entry.order), { command, ...(text && { text }) } satisfies OutboxRecord)
    draft.after(() => this.#keep(entry))
    draft.touch('outbox')
    const ticketId = documentIdOf(command)
    if (ticketId !== null) draft.touchTicket(ticketId)
  }

  #keep(entry: Entry): void {
    this.#entries.set(entry.order, entry)
    const ticketId = documentIdOf(entry.command)
    if (ticketId === null) return
    const own = this.#ofTicket.get(ticketId) ?? new Map<number, Entry>()
    this.#ofTicket.set(ticketId, own.set(entry.order, entry))
  }

  #forget({ order, command }: Entry): void {
    this.#entries.delete(order)
    const ticketId = documentIdOf(command) ?? ''
    const own = this.#ofTicket.get(ticketId)
    own?.delete(order)
    if (own?.size === 0) this.#ofTicket.delete(ticketId)
  }
}
