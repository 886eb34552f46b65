/**
 * Documents: one Y.Doc per ticket, stored as a merged state and the tail of updates after it.
 *
 * 1. Only the commit loop edits a document; everybody else reads bytes from what is on disk.
 * 2. A document whose transaction rolled back is dropped from memory and loaded again from disk.
 * 3. The server edits under a client id that is fresh at every start, and whenever a document is rebuilt.
 * 4. Memory is bounded, in bytes: an idle document is only on disk.
 * 5. A document that is not what was stored, or not what its rows say of its texts, is not taken into memory.
 * 6. No document grows beyond what a device can receive (`budgets.ts` in shared).
 */
import { LRUCache } from 'lru-cache'
import * as Y from 'yjs'
import { assertWithin, DELIVERABLE_BYTES, DOCUMENT_BYTES, FULL_DOCUMENT_BYTES } from '@rejoin/shared/budgets.ts'
import { NO_GUID, rootsOf } from '@rejoin/shared/document.ts'
import { applyUpdates, mergeUpdates } from '@rejoin/shared/updates.ts'
import type { Read, Tx } from '../db.ts'
import { prepared } from '../prepared.ts'
import { wasShown } from './audience.ts'
import { addUpdate, DamagedDocument, formerState, giveUpState, putState, soundParts } from './parts.ts'
import { reads, type Texts } from './salvage.ts'

const MAX_IN_MEMORY = 500
/** Encoded bytes of the documents in memory, where each takes several times as much. */
const MAX_BYTES_IN_MEMORY = 32 * 1024 * 1024
/** The tail is merged into the state when it has so many updates or bytes, so that loading and sending stay cheap. */
const MAX_TAIL = 512
const MAX_TAIL_BYTES = 256 * 1024
/** And before, when it is no short one and not much smaller than the state: a command does not pay for all before it. */
const SHORT_TAIL = 32

/** What is on disk of a document that is in memory. */
interface OnDisk {
  /** Updates after the stored state; null where nothing is stored yet. */
  tail: number | null
  tailBytes: number
  stateBytes: number
  readonly hasFormer: boolean
}

/** What one command changed in a document that was loaded here. */
interface Edit {
  readonly documentId: string
  readonly seq: number
  readonly update: Uint8Array
  readonly doc: Y.Doc
  readonly room: Room
}

/** How large a command may make documents: see `Command.room`. */
export type Room = 'budget' | 'reserve' | 'any'

const MAX_BYTES: Readonly<Record<Room, number>> = {
  budget: DOCUMENT_BYTES,
  reserve: FULL_DOCUMENT_BYTES,
  any: Number.POSITIVE_INFINITY,
}

/** What the texts of a document read by its rows; null where there are none. */
type TextsOf = (read: Read, documentId: string) => Texts | null

export class Documents {
  readonly #cache = new LRUCache<string, Y.Doc>({
    max: MAX_IN_MEMORY,
    maxSize: MAX_BYTES_IN_MEMORY,
    sizeCalculation: (doc) => Math.min(MAX_BYTES_IN_MEMORY, Math.max(1, sizeOf(this.#diskOf(doc)))),
  })
  readonly #onDisk = new WeakMap<Y.Doc, OnDisk>()
  /** Of this start. */
  readonly clientId: number
  #writesAs: number
  /** That of what is on disk. */
  #writesAsOnDisk: number
  readonly #textsOf: TextsOf

  constructor(clientId: number, textsOf: TextsOf) {
    this.clientId = clientId
    this.#writesAs = clientId
    this.#writesAsOnDisk = clientId
    this.#textsOf = textsOf
  }

  /** From now on documents that are loaded are written under `clientId`, which must never have been used. */
  writeAs(clientId: number): void {
    this.#writesAs = clientId
  }

  /** What was written so far is on disk. */
  keepAll(): void {
    this.#writesAsOnDisk = this.#writesAs
  }

  /** Throws `DamagedDocument`. With `isUnderWay` the rows may be ahead of it. */
  load(tx: Tx, documentId: string, { isUnderWay = false } = {}): Y.Doc {
    const cached = this.#cache.get(documentId)
    if (cached !== undefined) return cached
    const { parts, hasFormer } = soundParts(tx, documentId)
    const doc = docOf(documentId, parts)
    if (parts.length === 0 && wasShown(tx, documentId)) throw new DamagedDocument(documentId, 'it is gone')
    if (!isUnderWay) this.#mustReadAsRows(tx, doc)
    // Last: while it takes in what this server wrote before, Yjs would believe that somebody else uses the same id.
    doc.clientID = this.#writesAs
    const [state, ...updates] = parts
    this.#onDisk.set(doc, {
      tail: state === undefined ? null : updates.length,
      tailBytes: updates.reduce((bytes, update) => bytes + update.length, 0),
      stateBytes: state?.length ?? 0,
      hasFormer,
    })
    this.#cache.set(documentId, doc)
    return doc
  }

  /** Whether the document can be loaded, with its former generation. */
  isSound(tx: Tx, documentId: string): boolean {
    try {
      const { parts } = soundParts(tx, documentId)
      this.#mustReadAsRows(tx, docOf(documentId, parts))
      formerState(tx, documentId)
      return parts.length > 0
    } catch (error) {
      if (error instanceof DamagedDocument) return false
      throw error
    }
  }

  /** Whether a generation before `doc`, which was loaded here, was kept then: it may have gone since. */
  mayHaveFormer(doc: Y.Doc): boolean {
    return this.#diskOf(doc).hasFormer
  }

  /** Whether something is on disk of `doc`, which was loaded here. */
  isStored(doc: Y.Doc): boolean {
    return this.#diskOf(doc).tail !== null
  }

  /** Stores an edit. Throws `Refusal('too-large')`. Answers whether devices can receive the whole document. */
  store(tx: Tx, { documentId, seq, update, doc, room }: Edit): { isDeliverable: boolean } {
    const maxBytes = MAX_BYTES[room]
    addUpdate(tx, documentId, { seq, update })
    const onDisk = this.#diskOf(doc)
    const isShort = onDisk.tail !== null && !isLong(onDisk, onDisk.tail, update)
    // The parts together take at least as much as the document that they make.
    const bytes = sizeOf(onDisk) + update.length
    if (isShort && bytes <= maxBytes) {
      onDisk.tail = (onDisk.tail ?? 0) + 1
      onDisk.tailBytes += update.length
      return { isDeliverable: bytes <= DELIVERABLE_BYTES }
    }
    const state = Y.encodeStateAsUpdate(doc)
    if (state.length > maxBytes) assertWasLarger(tx, { documentId, seq, room }, state)
    putState(tx, documentId, { state, seq })
    this.#onDisk.set(doc, { ...onDisk, tail: 0, tailBytes: 0, stateBytes: state.length })
    return { isDeliverable: state.length <= DELIVERABLE_BYTES }
  }

  drop(documentId: string): void {
    this.#cache.delete(documentId)
  }

  /** Nothing that was written since `keepAll` is on disk. */
  dropAll(): void {
    this.#cache.clear()
    this.#writesAs = this.#writesAsOnDisk
  }

  get inMemory(): number {
    return this.#cache.size
  }

  #mustReadAsRows(tx: Tx, doc: Y.Doc): void {
    const texts = this.#textsOf(tx, doc.guid)
    if (texts !== null && !reads(doc, texts)) {
      throw new DamagedDocument(doc.guid, 'its texts are not those of its rows')
    }
  }

  #diskOf(doc: Y.Doc): OnDisk {
    const onDisk = this.#onDisk.get(doc)
    if (onDisk === undefined) throw new Error(`The document ${doc.guid} was not loaded.`)
    return onDisk
  }
}

function isLong({ tailBytes, stateBytes }: OnDisk, tail: number, update: Uint8Array): boolean {
  if (tail >= MAX_TAIL || tailBytes + update.length > MAX_TAIL_BYTES) return true
  return tail >= SHORT_TAIL && tailBytes >= stateBytes / 2
}

function sizeOf({ stateBytes, tailBytes }: OnDisk): number {
  return stateBytes + tailBytes
}

/**
 * A document that is too large already, from before there was a limit, may still become smaller, and work on it may end.
 * Throws `Refusal('too-large')`.
 */
function assertWasLarger(
  tx: Tx,
  { documentId, seq, room }: Pick<Edit, 'documentId' | 'seq' | 'room'>,
  { length: size }: Uint8Array,
): void {
  const max = MAX_BYTES[room]
  const { parts } = soundParts(tx, documentId, seq - 1)
  const atMost = parts.reduce((bytes, part) => bytes + part.length, 0)
  const before = atMost <= max ? atMost : mergedSize(parts)
  if (before > max && (room === 'reserve' || size <= before)) return
  const hint = 'Shorten it, or go on in a follow-up ticket that names this one.'
  assertWithin('The whole document', { size, max, unit: 'bytes' }, hint)
}

function mergedSize(parts: readonly Uint8Array[]): number {
  const doc = new Y.Doc(NO_GUID)
  applyUpdates(doc, parts)
  return Y.encodeStateAsUpdate(doc).length
}

/** A document of these parts. Throws `DamagedDocument` where they do not make a whole one. */
function docOf(documentId: string, parts: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc({ guid: documentId })
  rootsOf(doc)
  try {
    applyUpdates(doc, parts)
  } catch (error) {
    throw new DamagedDocument(documentId, String(error))
  }
  if (doc.store.pendingStructs === null && doc.store.pendingDs === null) return doc
  throw new DamagedDocument(documentId, 'a part of it is gone')
}

/** The committed state of a document as one update, or null when there is none. Throws `DamagedDocument`. */
export function findState(read: Read, documentId: string): Uint8Array | null {
  const [state = null, ...tail] = soundParts(read, documentId).parts
  return state === null || tail.length === 0 ? state : mergeUpdates([state, mergeUpdates(tail)])
}

/** How many updates follow the state, and the `seq` of the last of them. */
const tailOf = prepared<{ documentId: string }>()((read, param) =>
  read
    .selectFrom('document')
    .leftJoin('documentUpdate', (join) =>
      join.onRef('documentId', '=', 'document.id').onRef('seq', '>', 'document.stateSeq'),
    )
    .select(({ fn }) => ['stateSeq', fn.count<number>('seq').as('length'), fn.max('seq').as('lastSeq')])
    .where('document.id', '=', param('documentId'))
    .groupBy('document.id'),
)

/** Merges the updates into the document's state if one of them is older than `floor`, and removes those that are. */
export async function foldUpdates(tx: Tx, documentId: string, floor: number): Promise<void> {
  const [row] = tailOf(tx, { documentId })
  const lastSeq = row?.lastSeq ?? null
  if (row !== undefined && lastSeq !== null && row.stateSeq < floor - 1) {
    fold(tx, documentId, lastSeq)
  }
  await tx.deleteFrom('documentUpdate').where('documentId', '=', documentId).where('seq', '<', floor).execute()
}

function fold(tx: Tx, documentId: string, seq: number): void {
  try {
    const doc = docOf(documentId, soundParts(tx, documentId).parts)
    putState(tx, documentId, { state: Y.encodeStateAsUpdate(doc), seq })
  } catch (error) {
    if (!(error instanceof DamagedDocument)) throw error
    // Others wait for their turn; it is rebuilt when somebody needs it.
    giveUpState(tx, documentId)
  }
}
