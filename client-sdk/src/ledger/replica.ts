/**
 * The documents of the tickets that the device holds. It knows nothing of frames or access rules.
 *
 * 1. A stored document (`base`) holds only updates that the server has confirmed. Text typed here is in the outbox
 *    until it is decided, so that a refused text can be undone without asking the server.
 * 2. An open document is its base with the texts that wait in the outbox or are still being typed, after every turn.
 * 3. An open document stays the same object unless rule 2 takes content away from it. A replaced object still collects
 *    the text typed into it.
 */
import * as Y from 'yjs'
import { documentValue, NO_GUID } from '@rejoin/shared/sync/document.ts'
import { applyUpdates } from '@rejoin/shared/sync/updates.ts'
import { TICKET_SHAPE } from '@rejoin/shared/tickets/shape.ts'
import { mendHalves } from './halves.ts'
import type { Draft } from './journal.ts'
import { DOCUMENT_PREFIX, recordsUnder, type DocumentRecord, type Records } from './records.ts'

/** The Yjs origin of everything that was not typed here. */
const SETTLED = Symbol('settled')

interface Held {
  readonly base: Uint8Array
  /** Opened when the app asks for its texts: a device holds many tickets and edits few. */
  readonly doc: Y.Doc | null
}

export interface TextSource {
  /** The updates to the ticket's texts that the server has not confirmed, oldest first. */
  waiting(ticketId: string): readonly Uint8Array[]
  typed(ticketId: string, update: Uint8Array, transaction: Y.Transaction): void
}

export class Replica {
  readonly #held = new Map<string, Held>()
  readonly #texts: TextSource

  constructor(records: Records, texts: TextSource) {
    this.#texts = texts
    for (const [ticketId, { state }] of recordsUnder<DocumentRecord>(records, DOCUMENT_PREFIX)) {
      this.#held.set(ticketId, { base: state, doc: null })
    }
  }

  ids(): string[] {
    return [...this.#held.keys()]
  }

  has(ticketId: string): boolean {
    return this.#held.has(ticketId)
  }

  findBase(ticketId: string): Uint8Array | undefined {
    return this.#held.get(ticketId)?.base
  }

  /** The live document, or null where the device does not hold the ticket. */
  findDoc(ticketId: string): Y.Doc | null {
    const held = this.#held.get(ticketId)
    if (held === undefined) return null
    const doc = held.doc ?? this.#openDoc(ticketId, held.base)
    this.#held.set(ticketId, { ...held, doc })
    return doc
  }

  /** The document's value as plain JSON with the text typed here; null when the device does not hold it. */
  findValue(ticketId: string): Record<string, unknown> | null {
    const held = this.#held.get(ticketId)
    if (held === undefined) return null
    if (held.doc !== null) return documentValue(held.doc, TICKET_SHAPE)
    const doc = docOf([held.base, ...this.#texts.waiting(ticketId)])
    const value = documentValue(doc, TICKET_SHAPE)
    doc.destroy()
    return value
  }

  put(draft: Draft, ticketId: string, base: Uint8Array): void {
    draft.put(DOCUMENT_PREFIX + ticketId, { state: base } satisfies DocumentRecord)
    draft.after(() => void this.#held.set(ticketId, { base, doc: this.#held.get(ticketId)?.doc ?? null }))
    draft.touchTicket(ticketId)
  }

  drop(draft: Draft, ticketId: string): void {
    draft.delete(DOCUMENT_PREFIX + ticketId)
    draft.after(() => void this.#held.delete(ticketId))
    draft.touchTicket(ticketId)
  }

  /** Restores rule 2 for a ticket whose base or waiting texts have changed. */
  settle(ticketId: string): void {
    const held = this.#held.get(ticketId)
    if (held === undefined || held.doc === null) return
    const wanted = compose([held.base, ...this.#texts.waiting(ticketId)]).state
    const both = compose([wanted, Y.encodeStateAsUpdate(held.doc)]).state
    if (isEqual(wanted, both)) applyUpdates(held.doc, [wanted], SETTLED)
    else this.#replace(ticketId, held.base, held.doc)
  }

  /** Gives the open documents new client ids, so that text typed from now on has another author than before. */
  renewAuthor(): void {
    for (const { doc } of this.#held.values()) if (doc !== null) doc.clientID = newClientId()
  }

  #replace(ticketId: string, base: Uint8Array, former: Y.Doc): void {
    this.#held.set(ticketId, { base, doc: this.#openDoc(ticketId, base) })
    // Text still typed into the former object must not continue the items that were undone.
    former.clientID = newClientId()
  }

  #openDoc(ticketId: string, base: Uint8Array): Y.Doc {
    const doc = docOf([base, ...this.#texts.waiting(ticketId)], { guid: ticketId })
    doc.on('afterTransaction', ({ origin }: Y.Transaction) => {
      if (origin !== SETTLED) mendHalves(doc)
    })
    doc.on('update', (update: Uint8Array, origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
      if (origin === SETTLED) return
      this.#texts.typed(ticketId, update, transaction)
      if (this.#held.get(ticketId)?.doc !== doc) this.settle(ticketId)
    })
    return doc
  }
}

function newClientId(): number {
  return new Y.Doc(NO_GUID).clientID
}

/** One state composed of several updates. `isWhole` is false when one refers to an item that none of them has. */
export function compose(updates: readonly Uint8Array[]): { state: Uint8Array; isWhole: boolean } {
  // Y.mergeUpdates would keep every value that was ever overwritten; a document drops them.
  const doc = docOf(updates)
  const isWhole = doc.store.pendingStructs === null && doc.store.pendingDs === null
  const state = Y.encodeStateAsUpdate(doc)
  doc.destroy()
  return { state, isWhole }
}

function docOf(updates: readonly Uint8Array[], named = NO_GUID): Y.Doc {
  const doc = new Y.Doc(named)
  applyUpdates(doc, updates, SETTLED)
  return doc
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
