/** Derived state: checks that it follows from other state, and rebuilds it. Documents and their audiences, numbers. */
import { isDeepStrictEqual } from 'node:util'
import { sql } from 'kysely'
import * as Y from 'yjs'
import { z } from 'zod'
import { documentValue, NO_GUID } from '@rejoin/shared/sync/document.ts'
import { Id } from '@rejoin/shared/values.ts'
import { applyUpdates } from '@rejoin/shared/sync/updates.ts'
import { command } from '../../core/command.ts'
import type { Commits } from '../../core/commit/commit.ts'
import type { Read } from '../../core/storage/db.ts'
import { audienceNow } from '../../core/documents/audience.ts'
import { findState } from '../../core/documents/state.ts'
import { DamagedDocument, formerState } from '../../core/documents/parts.ts'
import { SYSTEM_ID } from '../../core/ids.ts'
import { projectTicket } from '../../nouns.ts'
import { getTicket } from '../../slices/tickets/queries.ts'

const AT_ONCE = 100

export interface Fault {
  readonly ticketId: string
  /** In a sentence. */
  readonly problem: string
}

/** Every ticket whose document or audience differs from its rows. */
export async function derivedFaults(read: Read): Promise<Fault[]> {
  const tickets = await read.selectFrom('ticket').select(['id', 'number']).orderBy('id').execute()
  return tickets.flatMap(({ id, number }) => {
    const problem = problemOf(read, id)
    return problem === null ? [] : [{ ticketId: id, problem: `${number}: ${problem}` }]
  })
}

/** A document that cannot be read is a fault as well, of this ticket alone. */
function problemOf(read: Read, ticketId: string): string | null {
  try {
    formerState(read, ticketId)
    return faultOf(read, ticketId)
  } catch (error) {
    if (error instanceof DamagedDocument) return `its document is damaged: ${error.message}`
    return `it cannot be read: ${error instanceof Error ? error.message : String(error)}`
  }
}

function faultOf(read: Read, ticketId: string): string | null {
  const projection = projectTicket(read, ticketId)
  if (projection === null) return 'the ticket cannot be read.'
  const { description, notes } = getTicket(read, ticketId)
  const state = findState(read, ticketId)
  if (state === null) return 'its document is damaged: no part of it exists.'
  const shown = { ...projection.fields, ...projection.lists, description, notes }
  if (!isDeepStrictEqual(valueOf(state), plain(shown))) return 'its document does not match its rows.'
  const [kept, due] = [audienceNow(read, ticketId), projection.audience]
  if (!isDeepStrictEqual(kept.toSorted(), due.toSorted())) return 'its audience does not match its rows.'
  return null
}

function valueOf(state: Uint8Array): unknown {
  const doc = new Y.Doc(NO_GUID)
  applyUpdates(doc, [state])
  return plain(documentValue(doc))
}

/** The value as JSON has it: without undefined members. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

/** Rebuilds documents and audiences of tickets from their rows. Those that already follow are not touched. */
const rebuildDerived = command({
  name: 'derived.rebuild',
  input: z.object({ ticketIds: z.array(Id).max(AT_ONCE) }),
  room: 'any',
  run({ show }, { ticketIds }) {
    for (const id of ticketIds) show(id, 'all')
  },
})

/** Resolves when the documents and audiences of these tickets follow from their rows, as far as these can be read. */
export async function rebuild(commits: Commits, ticketIds: readonly string[]): Promise<void> {
  for (let start = 0; start < ticketIds.length; start += AT_ONCE) {
    const some = ticketIds.slice(start, start + AT_ONCE)
    const { outcome } = await commits.commit(rebuildDerived, { ticketIds: some }, { actorId: SYSTEM_ID })
    if (outcome === 'applied') continue
    // One of them cannot be rebuilt; the others can.
    for (const id of some) await commits.commit(rebuildDerived, { ticketIds: [id] }, { actorId: SYSTEM_ID })
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
