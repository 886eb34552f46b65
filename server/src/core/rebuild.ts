/** Finds the documents that consist mostly of what was deleted from them, and has each rebuilt, by itself. */
import { randomInt } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import * as Y from 'yjs'
import { z } from 'zod'
import { NO_GUID } from '@rejoin/shared/document.ts'
import { Id } from '@rejoin/shared/tickets.ts'
import { command } from './commit/command.ts'
import type { Commits } from './commit/commit.ts'
import type { Projection } from './documents/documents.ts'
import { findState } from './documents/documents.ts'
import { rebuilt } from './documents/generations.ts'
import { leaseClient } from './documents/leases.ts'
import type { Read } from './db.ts'
import { SYSTEM_ID } from './ids.ts'
import { candidatesReport } from './rebuild-candidates.ts'
import { SYSTEM_ASKER, type Reports } from './reports.ts'

/** How many times the size of its content it may have. */
const MAX_OVERHEAD = 4
const MAX_CLIENT_ID = 2 ** 32 - 1

interface RebuildApp {
  readonly read: Read
  readonly reports: Reports
  readonly commits: Commits
  now(): number
  projection(read: Read, documentId: string): Projection | null
  /** Whether somebody has the document open who would have to load it anew. */
  isOpen(documentId: string): boolean
}

/** Resolves when each document that devices carry and nobody has open is about as large as what it shows. */
export async function rebuildDocuments(app: RebuildApp): Promise<void> {
  const as = { actorId: SYSTEM_ID }
  for (const documentId of await app.reports.ask(candidatesReport, { ...SYSTEM_ASKER, now: app.now() }, null)) {
    // Looking at a document takes a while in which nobody else is served.
    await setImmediate()
    if (app.isOpen(documentId) || !isBloated(app, documentId)) continue
    const clientId = randomInt(1, MAX_CLIENT_ID)
    // In a commit of its own: whatever becomes of the next one, the id is taken.
    await app.commits.commitOrThrow(claimOwn, { clientId }, as)
    await app.commits.commitOrThrow(rebuildDocument, { documentId, clientId }, as)
  }
}

function isBloated({ read, projection }: RebuildApp, documentId: string): boolean {
  const [state, shown] = [findState(read, documentId), projection(read, documentId)]
  if (state === null || shown === null) return false
  const doc = new Y.Doc(NO_GUID)
  Y.applyUpdate(doc, state)
  return state.length > MAX_OVERHEAD * Y.encodeStateAsUpdate(rebuilt(doc, shown, 1)).length
}

const claimOwn = command({
  name: 'document.claim-client',
  input: z.object({ clientId: z.int() }),
  async run(context, { clientId }) {
    leaseClient(context, clientId)
  },
})

const rebuildDocument = command({
  name: 'document.rebuild',
  input: z.object({ documentId: Id, clientId: z.int() }),
  async run({ rebuild }, { documentId, clientId }) {
    await rebuild(documentId, clientId)
  },
})
