/**
 * Merging and applying Yjs updates in time that follows what they weigh, where Yjs by itself takes the square of it. What
 * they may say is not looked at.
 */
import * as Y from 'yjs'

/** Each place at which somebody goes on typing is a part. */
export const MAX_PARTS = 10_000
/** Each stretch that somebody deletes is a range. */
export const MAX_DELETED_RANGES = 5000

/** How much is in an update, and how many ranges it deletes. */
export function sizesOf({ structs, ds }: ReturnType<typeof Y.decodeUpdate>): { parts: number; ranges: number } {
  const ranges = [...ds.clients.values()].reduce((sum, each) => sum + each.length, 0)
  return { parts: structs.length, ranges }
}

/** Whether the server takes it as one update. */
export function isTakenAtOnce(update: Uint8Array): boolean {
  const { parts, ranges } = sizesOf(Y.decodeUpdate(update))
  return parts <= MAX_PARTS && ranges <= MAX_DELETED_RANGES
}

/** Yjs sorts all that it merges again and again: 4,000 updates at once take it 17 times as long as these parts do. */
const MERGED_AT_ONCE = 8

/** The updates as one, in their order. */
export function mergeUpdates(updates: readonly Uint8Array[]): Uint8Array {
  let left = [...updates]
  while (left.length > MERGED_AT_ONCE) {
    const parts = Array.from({ length: Math.ceil(left.length / MERGED_AT_ONCE) }, (_, part) =>
      left.slice(part * MERGED_AT_ONCE, (part + 1) * MERGED_AT_ONCE),
    )
    left = parts.map((part) => Y.mergeUpdates(part))
  }
  return Y.mergeUpdates(left)
}

/**
 * Applies the updates in one transaction. As `Y.applyUpdate`, but Yjs does not look afterwards for formats that say
 * nothing: it would walk, for each part that an update deletes from a text with formats, through all that is deleted there.
 */
export function applyUpdates(doc: Y.Doc, updates: readonly Uint8Array[], origin?: unknown): void {
  const leaveFormats = (transaction: Y.Transaction) => {
    transaction._needFormattingCleanup = false
  }
  doc.on('afterTransaction', leaveFormats)
  try {
    doc.transact(() => updates.forEach((update) => Y.applyUpdate(doc, update, origin)), origin)
  } finally {
    doc.off('afterTransaction', leaveFormats)
  }
}
