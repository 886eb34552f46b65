/** Derived state: checks that it follows from other state, and rebuilds it. Documents and their audiences, numbers. */
import { isDeepStrictEqual } from 'node:util'
import { sql } from 'kysely'
import * as Y from 'yjs'
import { z } from 'zod'
import { documentValue, NO_GUID } from '@rejoin/shared/sync/document.ts'
import type { DocumentShape } from '@rejoin/shared/contract/kind.ts'
import { Id } from '@rejoin/shared/values.ts'
import { applyUpdates } from '@rejoin/shared/sync/updates.ts'
import { command } from '../../core/command.ts'
import type { Commits } from '../../core/commit/commit.ts'
import type { Read } from '../../core/storage/db.ts'
import { audienceNow } from '../../core/documents/audience.ts'
import { findState } from '../../core/documents/state.ts'
import { DamagedDocument, formerState } from '../../core/documents/parts.ts'
import { SYSTEM_ID } from '../../core/ids.ts'
import type { Kinds, StoredKind } from '../../core/documents/kinds.ts'

const AT_ONCE = 100

export interface Fault {
  readonly documentId: string
  /** In a sentence. */
  readonly problem: string
}

/** Every document that differs from its rows, or whose audience does. */
export async function derivedFaults({ read, kinds }: { read: Read; kinds: Kinds }): Promise<Fault[]> {
  const faults: Fault[] = []
  for (const kind of kinds.all) {
    for (const documentId of await kind.ids(read)) {
      const problem = problemOf(read, kind, documentId)
      if (problem === null) continue
      faults.push({ documentId, problem: `${kind.nameOf(read, documentId) ?? documentId}: ${problem}` })
    }
  }
  return faults
}

/** A document that cannot be read is a fault as well, of it alone. */
function problemOf(read: Read, kind: StoredKind, documentId: string): string | null {
  try {
    formerState(read, documentId)
    return faultOf(read, kind, documentId)
  } catch (error) {
    if (error instanceof DamagedDocument) return `its document is damaged: ${error.message}`
    return `it cannot be read: ${error instanceof Error ? error.message : String(error)}`
  }
}

function faultOf(read: Read, kind: StoredKind, documentId: string): string | null {
  const projection = kind.project(read, documentId, 0)
  if (projection === null) return `the ${kind.name} cannot be read.`
  const state = findState(read, documentId)
  if (state === null) return 'its document is damaged: no part of it exists.'
  const shown = { ...projection.fields, ...projection.lists, ...projection.texts }
  if (!isDeepStrictEqual(valueOf(state, kind), plain(shown))) return 'its document does not match its rows.'
  const [kept, due] = [audienceNow(read, documentId), projection.audience]
  if (!isDeepStrictEqual(kept.toSorted(), due.toSorted())) return 'its audience does not match its rows.'
  return null
}

function valueOf(state: Uint8Array, shape: DocumentShape): unknown {
  const doc = new Y.Doc(NO_GUID)
  applyUpdates(doc, [state])
  return plain(documentValue(doc, shape))
}

/** The value as JSON has it: without undefined members. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

/** Rebuilds documents and audiences from their rows. Those that already follow are not touched. */
const rebuildDerived = command({
  name: 'derived.rebuild',
  input: z.object({ documentIds: z.array(Id).max(AT_ONCE) }),
  room: 'any',
  run({ show }, { documentIds }) {
    for (const id of documentIds) show(id, 'all')
  },
})

/** Resolves when these documents and their audiences follow from their rows, as far as these can be read. */
export async function rebuild(commits: Commits, documentIds: readonly string[]): Promise<void> {
  for (let start = 0; start < documentIds.length; start += AT_ONCE) {
    const some = documentIds.slice(start, start + AT_ONCE)
    const { outcome } = await commits.commit(rebuildDerived, { documentIds: some }, { actorId: SYSTEM_ID })
    if (outcome === 'applied') continue
    // One of them cannot be rebuilt; the others can.
    for (const id of some) await commits.commit(rebuildDerived, { documentIds: [id] }, { actorId: SYSTEM_ID })
  }
}

/** Counters below a number that was given out: they would give the next one twice. */
export async function counterFaults(read: Read): Promise<string[]> {
  const highest = sql<number>`max(cast(substr(number, instr(number, '-') + 1) as integer))`
  const row = await read.selectFrom('ticket').select(highest.as('highest')).executeTakeFirstOrThrow()
  const counter = await read.selectFrom('counter').select('value').where('name', '=', 'ticket').executeTakeFirst()
  const value = counter?.value ?? 0
  return (row.highest ?? 0) > value ? [`Ticket number ${row.highest} exists, but the counter is at ${value}.`] : []
}
