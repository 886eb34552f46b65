/** Documents as they are on disk: as a Y.Doc, as one update, and with a shorter tail. */
import * as Y from 'yjs'
import { rootsOf } from '@rejoin/shared/sync/document.ts'
import type { DocumentShape } from '@rejoin/shared/contract/kind.ts'
import { applyUpdates, mergeUpdates } from '@rejoin/shared/sync/updates.ts'
import type { Read, Tx } from '../storage/db.ts'
import { prepared } from '../storage/prepared.ts'
import { DamagedDocument, giveUpState, replaceState, soundParts } from './parts.ts'

/** Of a document of which only the bytes count. */
const SHAPELESS: DocumentShape = { texts: [], lists: [] }

/** A document of these parts. Throws `DamagedDocument` if they do not make a whole one. */
export function docOf(documentId: string, parts: readonly Uint8Array[], shape = SHAPELESS): Y.Doc {
  const doc = new Y.Doc({ guid: documentId })
  rootsOf(doc, shape)
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

/** A version that differs for each content of the document on disk. */
export function versionOf(read: Read, documentId: string): string {
  const [row] = tailOf(read, { documentId })
  return `${row?.stateSeq ?? 0}:${row?.lastSeq ?? 0}`
}

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
    replaceState(tx, documentId, { state: Y.encodeStateAsUpdate(doc), seq })
  } catch (error) {
    if (!(error instanceof DamagedDocument)) throw error
    // Other documents wait for their turn; this one is rebuilt when it is next read.
    giveUpState(tx, documentId)
  }
}
