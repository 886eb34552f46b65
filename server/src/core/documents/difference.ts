/** What somebody lacks of a document, by the snapshot of what they have. */
import * as Y from 'yjs'
import { NO_GUID } from '@rejoin/shared/document.ts'
import { Refusal } from '@rejoin/shared/errors.ts'

/**
 * The update that takes `snapshot` to `state`; null when there is nothing to take; `whole` when the snapshot has
 * something that the state has not, insertions or deletions, so that no update could make them equal. Throws
 * `Refusal('malformed-frame')`.
 */
export function differenceTo(state: Uint8Array, snapshot: Uint8Array): Uint8Array | 'whole' | null {
  const theirs = readSnapshot(snapshot)
  const doc = new Y.Doc(NO_GUID)
  Y.applyUpdate(doc, state)
  const ours = Y.snapshot(doc)
  if (!isWithin(theirs, ours)) return 'whole'
  return Y.equalSnapshots(theirs, ours) ? null : Y.encodeStateAsUpdate(doc, Y.encodeStateVector(theirs.sv))
}

function isWithin(theirs: Y.Snapshot, ours: Y.Snapshot): boolean {
  for (const [client, clock] of theirs.sv) if (clock > (ours.sv.get(client) ?? 0)) return false
  for (const [client, deleted] of theirs.ds.clients) {
    const own = ours.ds.clients.get(client) ?? []
    if (!deleted.every((range) => own.some((wider) => contains(wider, range)))) return false
  }
  return true
}

interface Range {
  readonly clock: number
  readonly len: number
}

function contains(wider: Range, range: Range): boolean {
  return wider.clock <= range.clock && range.clock + range.len <= wider.clock + wider.len
}

/** Yjs throws what it likes at bytes that are no snapshot. */
function readSnapshot(bytes: Uint8Array): Y.Snapshot {
  try {
    return Y.decodeSnapshot(bytes)
  } catch {
    throw new Refusal('malformed-frame', 'held.snapshot: it is not a Yjs snapshot.')
  }
}
