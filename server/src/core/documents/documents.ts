/**
 * Documents: one Y.Doc per ticket, stored as a merged state and the tail of updates after it.
 *
 * 1. Only the commit loop edits a document; everybody else reads bytes from what is on disk.
 * 2. A document whose transaction rolled back is dropped from memory and loaded again from disk.
 * 3. The server edits under a client id that is fresh at every start, and whenever a document is rebuilt.
 * 4. Memory is bounded, in bytes: an idle document is only on disk.
 * 5. No document grows beyond what a device can receive (`budgets.ts` in shared).
 */
import { LRUCache } from 'lru-cache'
import * as Y from 'yjs'
import { assertWithin, DELIVERABLE_BYTES, DOCUMENT_BYTES, FULL_DOCUMENT_BYTES } from '@rejoin/shared/budgets.ts'
import { NO_GUID, rootsOf } from '@rejoin/shared/document.ts'
import { applyUpdates, mergeUpdates } from '@rejoin/shared/updates.ts'
import type { Read, Tx } from '../db.ts'
import { insertRow, prepared, putRow } from '../prepared.ts'

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

  constructor(clientId: number) {
    this.clientId = clientId
    this.#writesAs = clientId
  }

  /** From now on documents that are loaded are written under `clientId`, which must never have been used. */
  writeAs(clientId: number): void {
    this.#writesAs = clientId
  }

  load(tx: Tx, documentId: string): Y.Doc {
    const cached = this.#cache.get(documentId)
    if (cached !== undefined) return cached
    const doc = new Y.Doc({ guid: documentId })
    rootsOf(doc)
    const { parts, hasFormer } = stored(tx, documentId)
    applyUpdates(doc, parts)
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
    insertRow(tx, 'documentUpdate', { documentId, seq, update })
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
    putRow(tx, 'document', { id: documentId }, { state, stateSeq: seq })
    this.#onDisk.set(doc, { ...onDisk, tail: 0, tailBytes: 0, stateBytes: state.length })
    return { isDeliverable: state.length <= DELIVERABLE_BYTES }
  }

  drop(documentId: string): void {
    this.#cache.delete(documentId)
  }

  dropAll(): void {
    this.#cache.clear()
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
  const { parts } = stored(tx, documentId, seq - 1)
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

/** The state and the updates after it, up to `until`; and whether there is a former generation. */
function stored(
  read: Read,
  documentId: string,
  until = Number.MAX_SAFE_INTEGER,
): { parts: Uint8Array[]; hasFormer: boolean } {
  const [row] = stateOf(read, { documentId })
  if (row === undefined) return { parts: [], hasFormer: false }
  const updates = updatesSince(read, { documentId, seq: row.stateSeq, until }).map(({ update }) => update)
  return { parts: [row.state, ...updates], hasFormer: row.formerId !== null }
}

const stateOf = prepared<{ documentId: string }>()((read, param) =>
  read
    .selectFrom('document')
    .leftJoin('formerDocument', 'formerDocument.documentId', 'document.id')
    .select(['document.state', 'document.stateSeq', 'formerDocument.documentId as formerId'])
    .where('document.id', '=', param('documentId')),
)

const updatesSince = prepared<{ documentId: string; seq: number; until: number }>()((read, param) =>
  read
    .selectFrom('documentUpdate')
    .select('update')
    .where('documentId', '=', param('documentId'))
    .where('seq', '>', param('seq'))
    .where('seq', '<=', param('until'))
    .orderBy('seq'),
)

/** The committed state of a document as one update, or null when there is none. */
export function findState(read: Read, documentId: string): Uint8Array | null {
  const [state = null, ...tail] = stored(read, documentId).parts
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
    const doc = new Y.Doc(NO_GUID)
    applyUpdates(doc, stored(tx, documentId).parts)
    const folded = { state: Y.encodeStateAsUpdate(doc), stateSeq: lastSeq }
    await tx.updateTable('document').set(folded).where('id', '=', documentId).execute()
  }
  await tx.deleteFrom('documentUpdate').where('documentId', '=', documentId).where('seq', '<', floor).execute()
}
