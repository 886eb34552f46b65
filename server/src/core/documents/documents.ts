/**
 * Documents: one Y.Doc per ticket, stored as a merged state and the tail of updates after it.
 *
 * 1. Only the commit loop edits a document; everybody else reads bytes from what is on disk.
 * 2. A document whose transaction rolled back is dropped from memory and loaded again from disk.
 * 3. The server edits under a client id that is fresh at every start, and whenever a document is rebuilt.
 * 4. Memory is bounded: an idle document is only on disk.
 */
import * as Y from 'yjs'
import { LISTS, NO_GUID, rootsOf, type ListName } from '@rejoin/shared/document.ts'
import { applyUpdates, mergeUpdates } from '@rejoin/shared/updates.ts'
import type { Read, Tx } from '../db.ts'
import { insertRow, prepared, putRow } from '../prepared.ts'
import { recent } from '../recent.ts'

const MAX_IN_MEMORY = 500
/** The tail is merged into the state when it is this long, so that loading stays cheap. */
const MAX_TAIL = 512
/** And before, when it is no short one and not much smaller than the state: a command does not pay for all before it. */
const SHORT_TAIL = 32

/** The rows of a list, in their order: none of them ever changes or goes. */
export interface Rows<Item extends { readonly id: string } = { readonly id: string }> {
  size(): number
  all(): Item[]
  /** Those that came with the commit of that number. */
  of(seq: number): Item[]
}

/** What a document must show: the value of each field, and the items of each list by their `id`. */
export interface Projection {
  readonly fields: Readonly<Record<string, unknown>>
  readonly lists: Readonly<Record<ListName, Rows>>
  /** The keys under which devices may carry the document. */
  readonly audience: readonly string[]
}

/** What is on disk of a document that is in memory. */
interface OnDisk {
  /** Updates after the stored state; null where nothing is stored yet. */
  tail: number | null
  tailBytes: number
  stateBytes: number
  readonly hasFormer: boolean
}

export class Documents {
  readonly #cache = recent<string, Y.Doc>(MAX_IN_MEMORY)
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
    this.#cache.set(documentId, doc)
    const [state, ...tail] = parts
    this.#onDisk.set(doc, {
      tail: state === undefined ? null : tail.length,
      tailBytes: tail.reduce((sum, update) => sum + update.length, 0),
      stateBytes: state?.length ?? 0,
      hasFormer,
    })
    return doc
  }

  /** Whether a generation before `doc`, which was loaded here, was kept then: it may have gone since. */
  mayHaveFormer(doc: Y.Doc): boolean {
    return this.#diskOf(doc).hasFormer
  }

  /** Stores what one command changed in a document that was loaded here. */
  store(tx: Tx, change: { documentId: string; seq: number; update: Uint8Array; doc: Y.Doc }): void {
    const { documentId, seq, update, doc } = change
    insertRow(tx, 'documentUpdate', { documentId, seq, update })
    const onDisk = this.#diskOf(doc)
    if (onDisk.tail !== null && !isLong(onDisk, onDisk.tail)) {
      onDisk.tail += 1
      onDisk.tailBytes += update.length
      return
    }
    const state = Y.encodeStateAsUpdate(doc)
    putRow(tx, 'document', { id: documentId }, { state, stateSeq: seq })
    onDisk.tail = 0
    onDisk.tailBytes = 0
    onDisk.stateBytes = state.length
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

function isLong({ tailBytes, stateBytes }: OnDisk, tail: number): boolean {
  return tail >= MAX_TAIL || (tail >= SHORT_TAIL && tailBytes >= stateBytes / 2)
}

/** The state and the updates after it; and whether there is a former generation. */
function stored(read: Read, documentId: string): { parts: Uint8Array[]; hasFormer: boolean } {
  const [row] = stateOf(read, { documentId })
  if (row === undefined) return { parts: [], hasFormer: false }
  const updates = updatesSince(read, { documentId, seq: row.stateSeq }).map(({ update }) => update)
  return { parts: [row.state, ...updates], hasFormer: row.formerId !== null }
}

const stateOf = prepared<{ documentId: string }>()((read, param) =>
  read
    .selectFrom('document')
    .leftJoin('formerDocument', 'formerDocument.documentId', 'document.id')
    .select(['document.state', 'document.stateSeq', 'formerDocument.documentId as formerId'])
    .where('document.id', '=', param('documentId')),
)

const updatesSince = prepared<{ documentId: string; seq: number }>()((read, param) =>
  read
    .selectFrom('documentUpdate')
    .select('update')
    .where('documentId', '=', param('documentId'))
    .where('seq', '>', param('seq'))
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

/**
 * Makes the document show the projection, touching only what differs. With the number of a commit, only what that has
 * added to the lists is looked at, as long as nothing else is missing.
 */
export function project(doc: Y.Doc, { fields, lists }: Projection, seq?: number): void {
  const roots = rootsOf(doc)
  doc.transact(() => {
    for (const [name, value] of Object.entries(fields)) {
      if (!sameJson(roots.fields.get(name), value)) roots.fields.set(name, value)
    }
    for (const name of roots.fields.keys()) if (!Object.hasOwn(fields, name)) roots.fields.delete(name)
    for (const name of LISTS) {
      const [list, rows] = [roots[name], lists[name]]
      const added = seq === undefined ? null : rows.of(seq)
      if (added === null || list.length + added.length !== rows.size()) projectList(list, rows.all())
      else if (added.length > 0) list.push(added)
    }
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
