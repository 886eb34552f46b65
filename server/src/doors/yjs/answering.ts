/** Answers an editor that asks for the updates it lacks: from the present document, and only within its generation. */
import { sql } from 'kysely'
import * as Y from 'yjs'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { Healing } from '../../core/maintenance/heal.ts'
import { SYSTEM_ID } from '../../core/ids.ts'
import type { Whole, WholeDocuments } from './whole-documents.ts'

export interface AnsweringApp extends Healing {
  readonly wholeDocuments: WholeDocuments
}

/** Throws `Refusal('unavailable')` for a document that can neither be read nor rebuilt. */
export async function getWhole(app: AnsweringApp, ticketId: string): Promise<Whole> {
  const whole = await app.wholeDocuments.find(app, ticketId)
  if (whole !== null) return whole
  throw new Refusal(
    'unavailable',
    'The document of this ticket is damaged and cannot be rebuilt.',
    'Tell the operator.',
  )
}

/**
 * The update that brings an editor with `stateVector` up to date. Throws `Refusal('superseded' | 'malformed-frame')`.
 */
export async function missingFrom(app: AnsweringApp, ticketId: string, stateVector: Uint8Array): Promise<Uint8Array> {
  const { state, clients } = await getWhole(app, ticketId)
  await mustBeOfThisGeneration(app, stateVector, clients)
  return hasNothing(stateVector) ? state : parsed(() => Y.diffUpdate(state, stateVector))
}

/** An editor with an earlier generation would put all of it beside this one, and show both. */
async function mustBeOfThisGeneration(
  { read }: AnsweringApp,
  stateVector: Uint8Array,
  known: ReadonlySet<number>,
): Promise<void> {
  const others = clientsOf(stateVector).filter((clientId) => !known.has(clientId))
  if (others.length === 0) return
  const select = read.selectFrom('textClient').select('clientId').where('ownerId', '=', SYSTEM_ID)
  // As one value: SQLite limits a query to some thousands of parameters.
  const isAmong = sql<boolean>`"clientId" in (select value from json_each(${JSON.stringify(others)}))`
  const ours = await select.where(isAmong).executeTakeFirst()
  if (ours !== undefined) throw rebuiltMeanwhile()
}

export function rebuiltMeanwhile(): Refusal {
  return new Refusal('superseded', 'The document of this ticket was rebuilt. Open it again with an empty document.')
}

function clientsOf(stateVector: Uint8Array): number[] {
  return [...parsed(() => Y.decodeStateVector(stateVector)).keys()]
}

/** Whether it is the state vector of an empty document. */
function hasNothing(stateVector: Uint8Array): boolean {
  return stateVector.length === 1 && stateVector[0] === 0
}

/** Yjs throws arbitrary errors for bytes that are no state vector. */
function parsed<Result>(read: () => Result): Result {
  try {
    return read()
  } catch {
    throw new Refusal('malformed-frame', 'The state vector cannot be parsed.')
  }
}
