/** The part of a document that a device lacks, by the snapshot of its copy. */
import * as Y from 'yjs'
import { NO_GUID } from '@rejoin/shared/sync/document.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { applyUpdates } from '@rejoin/shared/sync/updates.ts'

/** Above this size the document itself is not much larger. */
const MAX_SNAPSHOT_BYTES = 256 * 1024

/**
 * The update that takes `snapshot` to `state`; null if there is no difference; `whole` if the snapshot has insertions
 * or deletions that the state lacks, so that no update could make them equal. Throws `Refusal('malformed-frame')`.
 */
export function differenceTo(state: Uint8Array, snapshot: Uint8Array): Uint8Array | 'whole' | null {
  if (snapshot.length > MAX_SNAPSHOT_BYTES) return 'whole'
  const theirs = readSnapshot(snapshot)
  const doc = new Y.Doc(NO_GUID)
  applyUpdates(doc, [state])
  const ours = Y.snapshot(doc)
  if (!isWithin(theirs, ours)) return 'whole'
  return Y.equalSnapshots(theirs, ours) ? null : Y.encodeStateAsUpdate(doc, Y.encodeStateVector(theirs.sv))
}

function isWithin(theirs: Y.Snapshot, ours: Y.Snapshot): boolean {
  for (const [client, clock] of theirs.sv) if (clock > (ours.sv.get(client) ?? 0)) return false
  for (const [client, deleted] of theirs.ds.clients) {
    const own = ours.ds.clients.get(client) ?? []
    if (!deleted.every((range) => isCovered(own, range))) return false
  }
  return true
}

interface Range {
  readonly clock: number
  readonly len: number
}

/** `ranges` are in the order of their clocks, and do not touch. */
function isCovered(ranges: readonly Range[], { clock, len }: Range): boolean {
  let [low, high] = [0, ranges.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ranges[middle]?.clock ?? 0) <= clock) low = middle + 1
    else high = middle
  }
  const last = ranges[low - 1]
  return last !== undefined && clock + len <= last.clock + last.len
}

/** Yjs throws arbitrary errors for bytes that are no snapshot. */
function readSnapshot(bytes: Uint8Array): Y.Snapshot {
  try {
    return Y.decodeSnapshot(bytes)
  } catch {
    throw new Refusal('malformed-frame', 'held.snapshot: not a Yjs snapshot.')
  }
}
