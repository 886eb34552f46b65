/**
 * Documents: one Y.Doc per ticket, stored as a merged state and the tail of updates after it.
 *
 * 1. Only the commit loop edits a document; everybody else reads bytes from what is on disk.
 * 2. A document whose transaction rolled back is dropped from memory and loaded again from disk.
 * 3. The server edits under a client id that is fresh at every start, and whenever a document is rebuilt.
 * 4. Memory is bounded: an idle document is only on disk.
 * 5. A document that is not what was stored, or not what its rows say of its texts, is not taken into memory.
 */
import * as Y from 'yjs'
import { LISTS, rootsOf, type ListName } from '@rejoin/shared/document.ts'
import type { Read, Tx } from '../db.ts'
import { prepared } from '../prepared.ts'
import { recent } from '../recent.ts'
import { wasShown } from './audience.ts'
import { addUpdate, DamagedDocument, formerState, giveUpState, putState, soundParts } from './parts.ts'
import { reads, type Texts } from './salvage.ts'

const MAX_IN_MEMORY = 500
/** The tail is merged into the state when it is this long, so that loading stays cheap. */
const MAX_TAIL = 32

/** What a document must show: the value of each field, and the items of each list by their `id`. */
export interface Projection {
  readonly fields: Readonly<Record<string, unknown>>
  readonly lists: Readonly<Record<ListName, readonly { readonly id: string }[]>>
  /** What the texts read, as the rows mirror them. */
  readonly texts: Texts
  /** The keys under which devices may carry the document. */
  readonly audience: readonly string[]
}

/** What is on disk of a document that is in memory. */
interface OnDisk {
  /** Updates after the stored state; null where nothing is stored yet. */
  tail: number | null
  readonly hasFormer: boolean
}

/** What the texts of a document read by its rows; null where there are none. */
type TextsOf = (read: Read, documentId: string) => Texts | null

export class Documents {
  readonly #cache = recent<string, Y.Doc>(MAX_IN_MEMORY)
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
    this.#cache.set(documentId, doc)
    this.#onDisk.set(doc, { tail: parts.length === 0 ? null : parts.length - 1, hasFormer })
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

  /** Stores what one command changed in a document that was loaded here. */
  store(tx: Tx, change: { documentId: string; seq: number; update: Uint8Array; doc: Y.Doc }): void {
    const { documentId, seq, update, doc } = change
    addUpdate(tx, documentId, { seq, update })
    const onDisk = this.#diskOf(doc)
    if (onDisk.tail !== null && onDisk.tail < MAX_TAIL) {
      onDisk.tail += 1
      return
    }
    putState(tx, documentId, { state: Y.encodeStateAsUpdate(doc), seq })
    onDisk.tail = 0
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

/** A document of these parts. Throws `DamagedDocument` where they do not make a whole one. */
function docOf(documentId: string, parts: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc({ guid: documentId })
  rootsOf(doc)
  try {
    doc.transact(() => parts.forEach((part) => Y.applyUpdate(doc, part)))
  } catch (error) {
    throw new DamagedDocument(documentId, String(error))
  }
  if (doc.store.pendingStructs === null && doc.store.pendingDs === null) return doc
  throw new DamagedDocument(documentId, 'a part of it is gone')
}

/** The committed state of a document as one update, or null when there is none. Throws `DamagedDocument`. */
export function findState(read: Read, documentId: string): Uint8Array | null {
  const { parts } = soundParts(read, documentId)
  if (parts.length === 0) return null
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Y.mergeUpdates(parts)
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

/** Makes the document show the projection, touching only what differs. */
export function project(doc: Y.Doc, { fields, lists }: Projection): void {
  const roots = rootsOf(doc)
  doc.transact(() => {
    for (const [name, value] of Object.entries(fields)) {
      if (!sameJson(roots.fields.get(name), value)) roots.fields.set(name, value)
    }
    for (const name of roots.fields.keys()) if (!Object.hasOwn(fields, name)) roots.fields.delete(name)
    for (const name of LISTS) projectList(roots[name], lists[name])
  })
}

function projectList(list: Y.Array<unknown>, wanted: readonly { readonly id: string }[]): void {
  const items = list.toArray() as { readonly id: string }[]
  const known = new Map(items.map(({ id }, index) => [id, index]))
  const wantedIds = new Set(wanted.map(({ id }) => id))
  for (const item of wanted) {
    const index = known.get(item.id)
    if (index === undefined || sameJson(items[index], item)) continue
    list.delete(index)
    list.insert(index, [item])
  }
  const gone = [...known].filter(([id]) => !wantedIds.has(id)).map(([, index]) => index)
  for (const index of gone.toReversed()) list.delete(index)
  const added = wanted.filter(({ id }) => !known.has(id))
  if (added.length > 0) list.push(added)
}

function sameJson(left: unknown, right: unknown): boolean {
  return left === right || (left !== undefined && JSON.stringify(left) === JSON.stringify(right))
}
