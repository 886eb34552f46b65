/** Finds the documents that consist mostly of traces of deletions, and rebuilds each by a command of its own. */
import { setImmediate } from 'node:timers/promises'
import * as Y from 'yjs'
import { NO_GUID } from '@rejoin/shared/sync/document.ts'
import { applyUpdates } from '@rejoin/shared/sync/updates.ts'
import { newGeneration, rebuildDocument } from '../commit/new-generation.ts'
import { rebuilt } from '../documents/generations.ts'
import { soundState, type Healing } from './heal.ts'
import { SYSTEM_ID } from '../ids.ts'
import { candidatesReport } from './rebuild-candidates.ts'
import { SYSTEM_ASKER, type Reports } from '../reports.ts'

/** A document may be this many times the size of its content. */
const MAX_OVERHEAD = 4

interface RebuildApp extends Healing {
  readonly reports: Reports
  now(): number
  /** Whether a client has the document open and would have to load it anew. */
  isOpen(documentId: string): boolean
}

/** Resolves when each document that devices carry and no client has open is about as large as its content. */
export async function rebuildDocuments(app: RebuildApp): Promise<void> {
  const as = { actorId: SYSTEM_ID }
  for (const documentId of await app.reports.ask(candidatesReport, { ...SYSTEM_ASKER, now: app.now() }, null)) {
    // Looking at a document blocks the event loop for a while.
    await setImmediate()
    if (app.isOpen(documentId) || !(await isBloated(app, documentId))) continue
    await app.commits.commitOrThrow(rebuildDocument, newGeneration(documentId), as)
  }
}

async function isBloated(app: RebuildApp, documentId: string): Promise<boolean> {
  const { kinds, read } = app
  const [state, shown] = [await soundState(app, documentId), kinds.projection(read, documentId)]
  if (state === null || shown === null) return false
  const doc = new Y.Doc(NO_GUID)
  applyUpdates(doc, [state])
  return state.length > MAX_OVERHEAD * Y.encodeStateAsUpdate(rebuilt(doc, shown, 1)).length
}
