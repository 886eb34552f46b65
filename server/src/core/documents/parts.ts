/**
 * The stored parts of documents: a state, the updates after it, and a former generation, each with a checksum, so that
 * bytes that a disk has truncated or garbled are noticed when they are read. It repairs nothing; `core/heal.ts` does.
 *
 * 1. Damaged bytes are never handed on: the caller gets `DamagedDocument`.
 */
import { crc32 } from 'node:zlib'
import * as Y from 'yjs'
import { Damaged } from '../storage/damaged.ts'
import type { Read, Tx } from '../storage/db.ts'
import { insertRow, prepared, putRow, updateRow } from '../storage/prepared.ts'

/** The document can be rebuilt from its rows; see `core/heal.ts`. */
export class DamagedDocument extends Damaged {
  constructor(documentId: string, why: string) {
    super('document', documentId, why)
  }
}

/** A checksum that no bytes have. */
const NEVER = -1

export function sumOf(bytes: Uint8Array): number {
  return crc32(bytes)
}

/** Parts from before there were checksums are decoded, which takes longer. */
export function isSound(bytes: Uint8Array, sum: number | null): boolean {
  if (sum !== null) return sumOf(bytes) === sum
  try {
    Y.decodeUpdate(bytes)
    return true
  } catch {
    return false
  }
}

interface State {
  readonly state: Uint8Array
  readonly seq: number
}

export function putState(tx: Tx, documentId: string, { kind, state, seq }: State & { readonly kind: string }): void {
  putRow(tx, 'document', { id: documentId }, { kind, stateSeq: seq, state, sum: sumOf(state) })
}

/** The same for a document that is stored. */
export function replaceState(tx: Tx, documentId: string, { state, seq }: State): void {
  updateRow(tx, 'document', { id: documentId }, { stateSeq: seq, state, sum: sumOf(state) })
}

export function addUpdate(tx: Tx, documentId: string, { update, seq }: { update: Uint8Array; seq: number }): void {
  insertRow(tx, 'documentUpdate', { documentId, seq, update, sum: sumOf(update) })
}

/** Marks the document as damaged: the parts that it could be read from are about to be removed. */
export function giveUpState(tx: Tx, documentId: string): void {
  updateRow(tx, 'document', { id: documentId }, { sum: NEVER })
}

interface Stored {
  /** The state, and the updates after it; empty if there is no document. */
  readonly parts: readonly { readonly bytes: Uint8Array; readonly isSound: boolean }[]
  readonly hasFormer: boolean
}

/** All stored parts up to `until`, damaged ones included. */
export function storedParts(read: Read, documentId: string, until = Number.MAX_SAFE_INTEGER): Stored {
  const [row] = stateOf(read, { documentId })
  if (row === undefined) return { parts: [], hasFormer: false }
  const updates = updatesSince(read, { documentId, seq: row.stateSeq, until })
  const all = [{ bytes: row.state, sum: row.sum }, ...updates.map(({ update, sum }) => ({ bytes: update, sum }))]
  const parts = all.map(({ bytes, sum }) => ({ bytes, isSound: isSound(bytes, sum) }))
  return { parts, hasFormer: row.formerId !== null }
}

/** The stored parts up to `until`. Throws `DamagedDocument`. */
export function soundParts(
  read: Read,
  documentId: string,
  until?: number,
): { parts: Uint8Array[]; hasFormer: boolean } {
  const { parts, hasFormer } = storedParts(read, documentId, until)
  const first = parts.findIndex((part) => !part.isSound)
  if (first === 0) throw new DamagedDocument(documentId, 'its state fails the checksum')
  if (first > 0) throw new DamagedDocument(documentId, `update ${first} of its log fails the checksum`)
  return { parts: parts.map(({ bytes }) => bytes), hasFormer }
}

const stateOf = prepared<{ documentId: string }>()((read, param) =>
  read
    .selectFrom('document')
    .leftJoin('formerDocument', 'formerDocument.documentId', 'document.id')
    .select(['document.state', 'document.stateSeq', 'document.sum', 'formerDocument.documentId as formerId'])
    .where('document.id', '=', param('documentId')),
)

const updatesSince = prepared<{ documentId: string; seq: number; until: number }>()((read, param) =>
  read
    .selectFrom('documentUpdate')
    .select(['update', 'sum'])
    .where('documentId', '=', param('documentId'))
    .where('seq', '>', param('seq'))
    .where('seq', '<=', param('until'))
    .orderBy('seq'),
)

/** The state of the former generation, or null if there is none. Throws `DamagedDocument`. */
export function formerState(read: Read, documentId: string): Uint8Array | null {
  const [row] = formerOf(read, { documentId })
  if (row === undefined) return null
  if (!isSound(row.state, row.sum)) throw new DamagedDocument(documentId, 'its former generation fails the checksum')
  return row.state
}

const formerOf = prepared<{ documentId: string }>()((read, param) =>
  read.selectFrom('formerDocument').select(['state', 'sum']).where('documentId', '=', param('documentId')),
)
