/**
 * What a device must be told since its cursor, from indexed reads of the log. Nothing is loaded for a device to which
 * nothing happened.
 *
 * Every read is bounded by the head it started from: what is committed meanwhile belongs to the next catch-up.
 */
import { sql } from 'kysely'
import type { HeldDocument, LeaveReason } from '@rejoin/shared/wire.ts'
import * as Y from 'yjs'
import { Refusal } from '@rejoin/shared/errors.ts'
import { floorOf } from '../core/compaction.ts'
import type { Read } from '../core/db.ts'
import { differenceTo } from '../core/documents/difference.ts'
import { findState } from '../core/documents/documents.ts'
import { prepared } from '../core/prepared.ts'
import { changedSince, inScope, movedSince, reasonFor, reasonOf } from './scope.ts'

export interface Position {
  readonly cursor: number
  readonly tag: string
}

export interface Part {
  readonly position: Position
  readonly enter: { ticketId: string; state: Uint8Array }[]
  readonly change: { ticketId: string; update: Uint8Array }[]
  readonly leave: { ticketId: string; reason: LeaveReason }[]
  /** Another part follows; `position` has not moved yet, so an interrupted catch-up begins again. */
  readonly more: boolean
}

interface Scope {
  readonly keys: readonly string[]
  /** Documents to send whole whatever the log says, because the device's copy is to be replaced. */
  readonly resend: ReadonlySet<string>
}

const MAX_DOCUMENTS = 100
const MAX_BYTES = 1024 * 1024

/** The newest committed change. */
export async function headOf(read: Read): Promise<Position> {
  const [row] = newestRevision(read, {})
  return row === undefined ? { cursor: 0, tag: '' } : { cursor: row.seq, tag: row.tag }
}

const newestRevision = prepared()((read) =>
  read.selectFrom('revision').select(['seq', 'tag']).orderBy('seq', 'desc').limit(sql.lit(1)),
)

/** Whether this database committed `position`: false after a restore from a backup that was older. */
export async function knows(read: Read, { cursor, tag }: Position): Promise<boolean> {
  const [row] = tagAt(read, { cursor })
  return row?.tag === tag
}

const tagAt = prepared<{ cursor: number }>()((read, param) =>
  read.selectFrom('revision').select('tag').where('seq', '=', param('cursor')),
)

/** The whole scope, for a device that begins or whose position means nothing here. */
export async function* wholeScope(read: Read, scope: Scope): AsyncGenerator<Part> {
  const head = await headOf(read)
  const ids = await inScope(read, scope.keys)
  yield* parts({ from: { cursor: 0, tag: '' }, head }, { enter: stream(read, ids), change: nothing(), leave: [] })
}

/** What changed in, came into and left the scope since `from`. */
export async function* since(read: Read, from: Position, scope: Scope): AsyncGenerator<Part> {
  const head = await headOf(read)
  if (head.cursor === from.cursor && scope.resend.size === 0) {
    yield { position: head, enter: [], change: [], leave: [], more: false }
    return
  }
  const moved = await movedSince(read, from.cursor, scope.keys)
  const changed = await changedSince(read, from.cursor, scope.keys)
  const entered = new Set([...moved.entered, ...(await resendable(read, scope))])
  const held = changed.filter((id) => !entered.has(id))
  const leave = await Promise.all(
    moved.left.map(async (ticketId) => ({ ticketId, reason: await reasonOf(read, ticketId) })),
  )
  const content = { enter: stream(read, [...entered]), change: updates(read, from.cursor, held), leave }
  for await (const part of parts({ from, head }, content)) {
    if (!part.more) mustReachBack(read, from)
    yield part
  }
}

/** The log may have been cut while it was read for somebody who has read slowly from its old end. */
function mustReachBack(read: Read, { cursor }: Position): void {
  if (floorOf(read) <= cursor + 1) return
  throw new Refusal('unavailable', 'The log no longer reaches back to where the device stands.', 'Connect again.')
}

/** What a device that parted from this database needs, by what it holds: nothing of it may be from a lost future. */
export async function* reunion(
  read: Read,
  { keys }: Pick<Scope, 'keys'>,
  held: readonly HeldDocument[],
): AsyncGenerator<Part> {
  const head = await headOf(read)
  const snapshots = new Map(held.map(({ ticketId, snapshot }) => [ticketId, snapshot]))
  const scope = await inScope(read, keys)
  const enter: string[] = []
  const change: string[] = []
  for (const ticketId of scope) {
    const gap = await gapOf(read, ticketId, snapshots.get(ticketId))
    if (gap === 'whole') enter.push(ticketId)
    else if (gap !== null) change.push(ticketId)
  }
  const inside = new Set(scope)
  const outside = [...snapshots.keys()].filter((ticketId) => !inside.has(ticketId))
  const leave = await Promise.all(
    outside.map(async (ticketId) => ({ ticketId, reason: await reasonFor(read, ticketId, keys) })),
  )
  const content = { enter: stream(read, enter), change: gaps(read, change, snapshots), leave }
  yield* parts({ from: { cursor: 0, tag: '' }, head }, content)
}

/** What the device lacks of the document: an update, nothing, or all of it where it has what this database has not. */
async function gapOf(
  read: Read,
  ticketId: string,
  snapshot: Uint8Array | undefined,
): Promise<Uint8Array | 'whole' | null> {
  const state = findState(read, ticketId)
  return state === null || snapshot === undefined ? 'whole' : differenceTo(state, snapshot)
}

async function* gaps(
  read: Read,
  ids: readonly string[],
  snapshots: ReadonlyMap<string, Uint8Array | undefined>,
): AsyncGenerator<{ ticketId: string; bytes: Uint8Array }> {
  for (const ticketId of ids) {
    const gap = await gapOf(read, ticketId, snapshots.get(ticketId))
    if (gap !== null && gap !== 'whole') yield { ticketId, bytes: gap }
  }
}

async function resendable(read: Read, { keys, resend }: Scope): Promise<string[]> {
  if (resend.size === 0) return []
  const held = new Set(await inScope(read, keys))
  return [...resend].filter((id) => held.has(id))
}

async function* stream(read: Read, ids: readonly string[]): AsyncGenerator<{ ticketId: string; bytes: Uint8Array }> {
  for (const ticketId of ids) {
    const bytes = findState(read, ticketId)
    if (bytes !== null) yield { ticketId, bytes }
  }
}

async function* updates(
  read: Read,
  cursor: number,
  ids: readonly string[],
): AsyncGenerator<{ ticketId: string; bytes: Uint8Array }> {
  for (const ticketId of ids) {
    const rows = updatesAfter(read, { ticketId, cursor })
    const [first] = rows
    if (first === undefined) continue
    yield { ticketId, bytes: rows.length === 1 ? first.update : Y.mergeUpdates(rows.map(({ update }) => update)) }
  }
}

const updatesAfter = prepared<{ ticketId: string; cursor: number }>()((read, param) =>
  read
    .selectFrom('documentUpdate')
    .select('update')
    .where('documentId', '=', param('ticketId'))
    .where('seq', '>', param('cursor'))
    .orderBy('seq'),
)

async function* nothing(): AsyncGenerator<{ ticketId: string; bytes: Uint8Array }> {}

async function* parts(
  { from, head }: { from: Position; head: Position },
  content: {
    enter: AsyncIterable<{ ticketId: string; bytes: Uint8Array }>
    change: AsyncIterable<{ ticketId: string; bytes: Uint8Array }>
    leave: Part['leave']
  },
): AsyncGenerator<Part> {
  let part: Part = { position: from, enter: [], change: [], leave: content.leave, more: true }
  let bytes = 0
  const isFull = (next: Uint8Array) =>
    part.enter.length + part.change.length > 0 &&
    (part.enter.length + part.change.length >= MAX_DOCUMENTS || bytes + next.length > MAX_BYTES)
  const reset = () => {
    part = { position: from, enter: [], change: [], leave: [], more: true }
    bytes = 0
  }
  for await (const { ticketId, bytes: state } of content.enter) {
    if (isFull(state)) {
      yield part
      reset()
    }
    part.enter.push({ ticketId, state })
    bytes += state.length
  }
  for await (const { ticketId, bytes: update } of content.change) {
    if (isFull(update)) {
      yield part
      reset()
    }
    part.change.push({ ticketId, update })
    bytes += update.length
  }
  yield { ...part, position: head, more: false }
}
