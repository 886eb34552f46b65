/** Finds the documents that consist mostly of what was deleted from them, and has each rebuilt, by itself. */
import { randomInt } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import * as Y from 'yjs'
import { z } from 'zod'
import { NO_GUID } from '@rejoin/shared/document.ts'
import { Id } from '@rejoin/shared/tickets.ts'
import { applyUpdates } from '@rejoin/shared/updates.ts'
import { command } from './commit/command.ts'
import type { Commits } from './commit/commit.ts'
import type { Projection } from './documents/project.ts'
import { findState } from './documents/documents.ts'
import { rebuilt } from './documents/generations.ts'
import { leaseClient } from './documents/leases.ts'
import type { Read } from './db.ts'
import { SYSTEM_ID } from './ids.ts'

/** Below this a document costs little, whatever it consists of. */
const MIN_STATE_BYTES = 16 * 1024
/** How many times the size of its content it may have. */
const MAX_OVERHEAD = 4
const MAX_CLIENT_ID = 2 ** 32 - 1

interface RebuildApp {
  readonly read: Read
  readonly commits: Commits
  projection(read: Read, documentId: string): Projection | null
  /** Whether somebody has the document open who would have to load it anew. */
  isOpen(documentId: string): boolean
}

/** Resolves when each document that devices carry and nobody has open is about as large as what it shows. */
export async function rebuildDocuments(app: RebuildApp): Promise<void> {
  const as = { actorId: SYSTEM_ID }
  for (const documentId of await candidates(app.read)) {
    // Looking at a document takes a while in which nobody else is served.
    await setImmediate()
    if (app.isOpen(documentId) || !isBloated(app, documentId)) continue
    const clientId = randomInt(1, MAX_CLIENT_ID)
    // In a commit of its own: whatever becomes of the next one, the id is taken.
    await app.commits.commitOrThrow(claimOwn, { clientId }, as)
    await app.commits.commitOrThrow(rebuildDocument, { documentId, clientId }, as)
  }
}

async function candidates(read: Read): Promise<string[]> {
  const carried = read.selectFrom('audience').select('documentId').where('toSeq', 'is', null)
  const renewed = read.selectFrom('formerDocument').select('documentId')
  const select = read
    .selectFrom('document')
    .select('id')
    .where(sql`length(state)`, '>', MIN_STATE_BYTES)
  const rows = await select.where('id', 'in', carried).where('id', 'not in', renewed).execute()
  return rows.map(({ id }) => id)
}

function isBloated({ read, projection }: RebuildApp, documentId: string): boolean {
  const [state, shown] = [findState(read, documentId), projection(read, documentId)]
  if (state === null || shown === null) return false
  const doc = new Y.Doc(NO_GUID)
  applyUpdates(doc, [state])
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
  room: 'any',
  async run({ rebuild }, { documentId, clientId }) {
    await rebuild(documentId, clientId)
  },
})
