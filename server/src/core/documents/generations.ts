/**
 * Generations of a document. A Y.Doc keeps a trace of every deletion; one that consists mostly of such traces is
 * rebuilt as a new document of the same content. The former one is kept until the horizon, for text that people typed
 * into it before they heard of the new one.
 *
 * 1. The texts of both are equal at any time: a change to one is written into the other.
 * 2. There are two at most: no document is rebuilt while a former one is kept.
 * 3. The new one is written under client ids that the former one never saw, so that the two are never mixed up.
 */
import * as Y from 'yjs'
import { NO_GUID, rootsOf } from '@rejoin/shared/sync/document.ts'
import type { DocumentShape } from '@rejoin/shared/contract/kind.ts'
import { applyUpdates } from '@rejoin/shared/sync/updates.ts'
import type { Read, Tx } from '../storage/db.ts'
import { prepared, putRow, updateRow } from '../storage/prepared.ts'
import { formerState, putState, sumOf } from './parts.ts'
import { project, shapeOf, type Projection } from './project.ts'

/** The Yjs origin of changes that mirror a change to the other generation. */
const MIRRORED = Symbol('mirrored')

/** A new document with the texts of `former` and the rest of `projection`. */
export function rebuilt(former: Y.Doc, projection: Projection, clientId: number): Y.Doc {
  const doc = new Y.Doc(NO_GUID)
  doc.clientID = clientId
  const { texts } = rootsOf(doc, shapeOf(projection))
  doc.transact(() => texts.forEach((text, name) => text.applyDelta(former.getText(name).toDelta())))
  project(doc, projection)
  return doc
}

/** Stores `doc` in the place of `former`, whose updates stay for devices that are behind. */
export function storeGeneration(
  tx: Tx,
  { documentId, kind, seq, former, doc }: { documentId: string; kind: string; seq: number; former: Y.Doc; doc: Y.Doc },
): void {
  const state = Y.encodeStateAsUpdate(former)
  putRow(tx, 'formerDocument', { documentId }, { endedSeq: seq, state, sum: sumOf(state) })
  putState(tx, documentId, { kind, state: Y.encodeStateAsUpdate(doc), seq })
}

/** Stores the changes to the former generation. */
export function storeFormer(tx: Tx, documentId: string, former: Y.Doc): void {
  const state = Y.encodeStateAsUpdate(former)
  updateRow(tx, 'formerDocument', { documentId }, { state, sum: sumOf(state) })
}

/** The former generation, or null if there is none. Throws `DamagedDocument`. */
export function findFormer(read: Read, documentId: string, shape: DocumentShape): Y.Doc | null {
  const state = formerState(read, documentId)
  if (state === null) return null
  const doc = new Y.Doc({ guid: documentId })
  rootsOf(doc, shape)
  applyUpdates(doc, [state])
  return doc
}

/** The `seq` at which the present generation began; 0 if that is beyond the horizon. */
export function bornAt(read: Read, documentId: string): number {
  const [row] = endOfFormer(read, { documentId })
  return row?.endedSeq ?? 0
}

const endOfFormer = prepared<{ documentId: string }>()((read, param) =>
  read.selectFrom('formerDocument').select('endedSeq').where('documentId', '=', param('documentId')),
)

/** Writes every change to one of these texts of `from` into that of `to`, until the returned function is called. */
export function mirror(from: Y.Doc, to: Y.Doc, { texts }: DocumentShape): () => void {
  const stops = texts.map((name) => {
    const [source, target] = [from.getText(name), to.getText(name)]
    const follow = (event: Y.YTextEvent, { origin }: Y.Transaction) => {
      if (origin !== MIRRORED) to.transact(() => target.applyDelta(event.delta), MIRRORED)
    }
    source.observe(follow)
    return () => source.unobserve(follow)
  })
  return () => stops.forEach((stop) => stop())
}
