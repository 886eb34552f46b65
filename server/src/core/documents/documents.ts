/**
 * Documents: one Y.Doc each, stored as a merged state and the tail of updates after it.
 *
 * 1. Only the commit loop edits a document; all other code reads bytes from the disk.
 * 2. A document whose transaction rolled back is dropped from memory and loaded again from disk.
 * 3. The server edits under a client id that is fresh at every start, and whenever a document is rebuilt.
 * 4. Memory is bounded, in bytes: an idle document is only on disk.
 * 5. A document that differs from the stored bytes, or whose texts differ from its rows, is not taken into memory.
 * 6. No document grows beyond the size that a device can receive (`budgets.ts` in shared).
 */
import { LRUCache } from 'lru-cache'
import * as Y from 'yjs'
import { DELIVERABLE_BYTES } from '@rejoin/shared/budgets.ts'
import type { Tx } from '../storage/db.ts'
import { lru } from '../runtime/lru.ts'
import { wasShown } from './audience.ts'
import { addUpdate, DamagedDocument, formerState, putState, soundParts } from './parts.ts'
import { assertWasLarger, leastBytes, MAX_BYTES, mustFit, type Room } from './room.ts'
import type { Kinds, StoredKind } from './kinds.ts'
import { reads } from './salvage.ts'
import { docOf } from './state.ts'

const MAX_IN_MEMORY = 500
/** Encoded bytes of the documents in memory; each takes several times as much memory. */
const MAX_BYTES_IN_MEMORY = 32 * 1024 * 1024
/** The tail is merged into the state beyond this many updates or bytes, so that loading and sending stay cheap. */
const MAX_TAIL = 512
const MAX_TAIL_BYTES = 256 * 1024
/**
 * And earlier, if it is longer than this and not much smaller than the state: a command does not pay for all before it.
 */
const SHORT_TAIL = 32

/** The size on disk of a document that is in memory. */
interface OnDisk {
  /** The number of updates after the stored state; null if nothing is stored yet. */
  tail: number | null
  tailBytes: number
  stateBytes: number
  readonly hasFormer: boolean
  /** Null if no row has its id. */
  readonly kind: StoredKind | null
}

export interface Loading {
  /** The rows may be ahead of the document. */
  readonly isUnderWay?: boolean
  /** The kind of a document that has no row yet. */
  readonly newKind?: string | undefined
}

/** The edit of one command in a document that was loaded here. */
interface Edit {
  readonly documentId: string
  readonly seq: number
  readonly update: Uint8Array
  readonly doc: Y.Doc
  readonly room: Room
}

export class Documents {
  readonly #cache = new LRUCache<string, Y.Doc>({
    max: MAX_IN_MEMORY,
    maxSize: MAX_BYTES_IN_MEMORY,
    sizeCalculation: (doc) => Math.min(MAX_BYTES_IN_MEMORY, Math.max(1, sizeOf(this.#diskOf(doc)))),
  })
  readonly #onDisk = new WeakMap<Y.Doc, OnDisk>()
  /** Documents that had no room for an edit, with their minimum size in bytes. */
  readonly #full = lru<string, number>(MAX_IN_MEMORY)
  /** The client id of this start. */
  readonly clientId: number
  #writesAs: number
  /** The client id in use at the last commit. */
  #writesAsOnDisk: number
  readonly #kinds: Kinds

  constructor(clientId: number, kinds: Kinds) {
    this.clientId = clientId
    this.#writesAs = clientId
    this.#writesAsOnDisk = clientId
    this.#kinds = kinds
  }

  /** Documents loaded from now on are written under `clientId`, which must never have been used. */
  writeAs(clientId: number): void {
    this.#writesAs = clientId
  }

  /** All changes so far are on disk. */
  keepAll(): void {
    this.#writesAsOnDisk = this.#writesAs
  }

  /** Throws `DamagedDocument`. */
  load(tx: Tx, documentId: string, { isUnderWay = false, newKind }: Loading = {}): Y.Doc {
    const cached = this.#cache.get(documentId)
    if (cached !== undefined) return cached
    const { parts, hasFormer } = soundParts(tx, documentId)
    const kind = this.#kinds.of(tx, documentId) ?? this.#kinds.named(newKind)
    const doc = docOf(documentId, parts, kind ?? undefined)
    if (parts.length === 0 && wasShown(tx, documentId)) throw new DamagedDocument(documentId, 'it is gone')
    if (!isUnderWay) mustReadAsRows(tx, doc, kind)
    // Set last: while the document merges earlier writes of this server, Yjs would believe that another client uses
    // the same id.
    doc.clientID = this.#writesAs
    const [state, ...updates] = parts
    this.#onDisk.set(doc, {
      tail: state === undefined ? null : updates.length,
      tailBytes: updates.reduce((bytes, update) => bytes + update.length, 0),
      stateBytes: state?.length ?? 0,
      hasFormer,
      kind,
    })
    this.#cache.set(documentId, doc)
    return doc
  }

  /** Whether the document can be loaded, with its former generation. */
  isSound(tx: Tx, documentId: string): boolean {
    try {
      const { parts } = soundParts(tx, documentId)
      mustReadAsRows(tx, docOf(documentId, parts), this.#kinds.of(tx, documentId))
      formerState(tx, documentId)
      return parts.length > 0
    } catch (error) {
      if (error instanceof DamagedDocument) return false
      throw error
    }
  }

  /** The kind of `doc`, which was loaded here; null if no row has its id. */
  kindOf(doc: Y.Doc): StoredKind | null {
    return this.#diskOf(doc).kind
  }

  /** Whether `doc`, which was loaded here, had a former generation then: it may be gone since. */
  mayHaveFormer(doc: Y.Doc): boolean {
    return this.#diskOf(doc).hasFormer
  }

  /** Whether any part of `doc`, which was loaded here, is on disk. */
  isStored(doc: Y.Doc): boolean {
    return this.#diskOf(doc).tail !== null
  }

  /**
   * Throws `Refusal('too-large')` if there was no room for an earlier edit of the document, and there is none for
   * `added` either: it need not be loaded to find that out again.
   */
  mustHaveRoom(documentId: string, room: Room, added: () => readonly object[]): void {
    const atLeast = this.#full.get(documentId)
    if (atLeast === undefined || atLeast > MAX_BYTES[room]) return
    mustFit(
      added().reduce<number>((bytes, item) => bytes + leastBytes(item), atLeast),
      room,
    )
  }

  /** Called when stored changes are undone, or another document takes the place of one. */
  forgetSizes(): void {
    this.#full.clear()
  }

  /** Stores an edit. Throws `Refusal('too-large')`. Returns whether devices can receive the whole document. */
  store(tx: Tx, { documentId, seq, update, doc, room }: Edit): { isDeliverable: boolean } {
    const maxBytes = MAX_BYTES[room]
    addUpdate(tx, documentId, { seq, update })
    const onDisk = this.#diskOf(doc)
    const isShort = onDisk.tail !== null && !isLong(onDisk, onDisk.tail, update)
    // The parts together take at least as much as the merged document.
    const bytes = sizeOf(onDisk) + update.length
    if (isShort && bytes <= maxBytes) {
      this.#full.delete(documentId)
      onDisk.tail = (onDisk.tail ?? 0) + 1
      onDisk.tailBytes += update.length
      return { isDeliverable: bytes <= DELIVERABLE_BYTES }
    }
    const state = Y.encodeStateAsUpdate(doc)
    if (state.length > maxBytes) {
      this.#full.set(documentId, state.length - update.length)
      assertWasLarger(tx, { documentId, seq, room }, state)
    }
    this.#full.delete(documentId)
    if (onDisk.kind === null) throw new Error(`No row has the id ${documentId}, so its document has no kind.`)
    putState(tx, documentId, { kind: onDisk.kind.name, state, seq })
    this.#onDisk.set(doc, { ...onDisk, tail: 0, tailBytes: 0, stateBytes: state.length })
    return { isDeliverable: state.length <= DELIVERABLE_BYTES }
  }

  drop(documentId: string): void {
    this.#cache.delete(documentId)
  }

  /** No change since `keepAll` is on disk. */
  dropAll(): void {
    this.#cache.clear()
    this.forgetSizes()
    this.#writesAs = this.#writesAsOnDisk
  }

  get inMemory(): number {
    return this.#cache.size
  }

  #diskOf(doc: Y.Doc): OnDisk {
    const onDisk = this.#onDisk.get(doc)
    if (onDisk === undefined) throw new Error(`The document ${doc.guid} was not loaded.`)
    return onDisk
  }
}

function mustReadAsRows(tx: Tx, doc: Y.Doc, kind: StoredKind | null): void {
  const texts = kind?.textsOf(tx, doc.guid) ?? null
  if (texts !== null && !reads(doc, texts)) throw new DamagedDocument(doc.guid, 'its texts differ from its rows')
}

function isLong({ tailBytes, stateBytes }: OnDisk, tail: number, update: Uint8Array): boolean {
  if (tail >= MAX_TAIL || tailBytes + update.length > MAX_TAIL_BYTES) return true
  return tail >= SHORT_TAIL && tailBytes >= stateBytes / 2
}

function sizeOf({ stateBytes, tailBytes }: OnDisk): number {
  return stateBytes + tailBytes
}
