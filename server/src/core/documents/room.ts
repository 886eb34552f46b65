/** How large a command may make a document, so that every device can receive it. */
import * as Y from 'yjs'
import { assertWithin, byteLength, DOCUMENT_BYTES, FULL_DOCUMENT_BYTES } from '@rejoin/shared/budgets.ts'
import { NO_GUID } from '@rejoin/shared/sync/document.ts'
import { applyUpdates } from '@rejoin/shared/sync/updates.ts'
import type { Tx } from '../storage/db.ts'
import { soundParts } from './parts.ts'

/** How large a command may make documents: see `Command.room`. */
export type Room = 'budget' | 'reserve' | 'any'

export const MAX_BYTES: Readonly<Record<Room, number>> = {
  budget: DOCUMENT_BYTES,
  reserve: FULL_DOCUMENT_BYTES,
  any: Number.POSITIVE_INFINITY,
}

/**
 * A document that is already too large, from before there was a limit, may still become smaller, and work on it may
 * end. Throws `Refusal('too-large')`.
 */
export function assertWasLarger(
  tx: Tx,
  { documentId, seq, room }: { documentId: string; seq: number; room: Room },
  { length: size }: Uint8Array,
): void {
  const max = MAX_BYTES[room]
  const { parts } = soundParts(tx, documentId, seq - 1)
  const atMost = parts.reduce((bytes, part) => bytes + part.length, 0)
  const before = atMost <= max ? atMost : mergedSize(parts)
  if (before > max && (room === 'reserve' || size <= before)) return
  mustFit(size, room)
}

export function mustFit(size: number, room: Room): void {
  const hint = 'Shorten it, or continue in a follow-up ticket that names this one.'
  assertWithin('The whole document', { size, max: MAX_BYTES[room], unit: 'bytes' }, hint)
}

/** The minimum size of a list item in a document: its strings alone, in bytes. */
export function leastBytes(item: object): number {
  return Object.values(item).reduce<number>(
    (bytes, value) => bytes + (typeof value === 'string' ? byteLength(value) : 0),
    0,
  )
}

function mergedSize(parts: readonly Uint8Array[]): number {
  const doc = new Y.Doc(NO_GUID)
  applyUpdates(doc, parts)
  return Y.encodeStateAsUpdate(doc).length
}
