/**
 * What a device must be told since its cursor, from indexed reads of the log. Nothing is loaded for a device to which
 * nothing happened.
 *
 * Every read is bounded by the head it started from: what is committed meanwhile belongs to the next catch-up.
 */
import { sql } from 'kysely'
import type { HeldDocument } from '@rejoin/shared/wire.ts'
import * as Y from 'yjs'
import { Refusal } from '@rejoin/shared/errors.ts'
import { floorOf } from '../core/compaction.ts'
import type { Read } from '../core/db.ts'
import { differenceTo } from '../core/documents/difference.ts'
import { updatesBetween } from '../core/documents/parts.ts'
import { soundly, soundState, type Healing } from '../core/heal.ts'
import { prepared } from '../core/prepared.ts'
import { changedSince, inScope, movedBetween, renewedSince, whyOutside, type Left, type Scope } from './scope.ts'

export interface Position {
  readonly cursor: number
  readonly tag: string
}

export interface Part {
  readonly position: Position
  readonly enter: { ticketId: string; state: Uint8Array }[]
  readonly change: { ticketId: string; update: Uint8Array }[]
  readonly leave: Left[]
  /** Another part follows; `position` has not moved yet, so an interrupted catch-up begins again. */
  readonly more: boolean
}

/** Up to where a device is brought, what its scope is there, and by whom what is damaged is rebuilt. */
export interface Target {
  readonly head: Position
  readonly scope: Scope
  readonly healing: Healing
}

const MAX_DOCUMENTS = 100
const MAX_BYTES = 1024 * 1024
const NOWHERE: Position = { cursor: 0, tag: '' }

/** The newest committed change. */
export function headOf(read: Read): Position {
  const [row] = newestRevision(read, {})
  return row === undefined ? NOWHERE : { cursor: row.seq, tag: row.tag }
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
export async function* wholeScope(read: Read, { head, scope, healing }: Target): AsyncGenerator<Part> {
  const ids = inScope(read, scope)
  yield* parts({ from: NOWHERE, head }, { enter: stream(healing, ids), change: nothing(), leave: [] })
}

/** What a device at `from` holds of its person's, and what of that is to be replaced whatever the log says. */
export interface Former {
  readonly from: Position
  readonly scope: Scope
  readonly resend: ReadonlySet<string>
}

/** What changed in, came into and left the scope since. */
export async function* since(
  read: Read,
  { from, scope: former, resend }: Former,
  { head, scope, healing }: Target,
): AsyncGenerator<Part> {
  if (head.cursor === from.cursor && resend.size === 0) {
    yield { position: head, enter: [], change: [], leave: [], more: false }
    return
  }
  const { entered, left } = movedBetween(read, former, scope)
  const changed = changedSince(read, from.cursor, scope)
  const renewed = renewedSince(read, from.cursor, scope)
  const whole = new Set([...entered, ...renewed, ...resendable(read, scope, resend)])
  const held = changed.filter((id) => !whole.has(id))
  const content = { enter: stream(healing, [...whole]), change: updates(healing, [from, head], held), leave: left }
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
  { head, scope, healing }: Target,
  held: readonly HeldDocument[],
): AsyncGenerator<Part> {
  const snapshots = new Map(held.map(({ ticketId, snapshot }) => [ticketId, snapshot]))
  const ids = inScope(read, scope)
  const enter: string[] = []
  const change: string[] = []
  for (const ticketId of ids) {
    const gap = await gapOf(healing, ticketId, snapshots.get(ticketId))
    if (gap === 'whole') enter.push(ticketId)
    else if (gap !== null) change.push(ticketId)
  }
  const inside = new Set(ids)
  const outside = [...snapshots.keys()].filter((ticketId) => !inside.has(ticketId))
  const leave = outside.map((ticketId) => ({ ticketId, reason: whyOutside(read, ticketId, scope) }))
  yield* parts(
    { from: NOWHERE, head },
    { enter: stream(healing, enter), change: gaps(healing, change, snapshots), leave },
  )
}

/** What the device lacks of the document: an update, nothing, or all of it where it has what this database has not. */
async function gapOf(
  healing: Healing,
  ticketId: string,
  snapshot: Uint8Array | undefined,
): Promise<Uint8Array | 'whole' | null> {
  const state = await soundState(healing, ticketId)
  return state === null || snapshot === undefined ? 'whole' : differenceTo(state, snapshot)
}

async function* gaps(
  healing: Healing,
  ids: readonly string[],
  snapshots: ReadonlyMap<string, Uint8Array | undefined>,
): AsyncGenerator<Content> {
  for (const ticketId of ids) {
    const gap = await gapOf(healing, ticketId, snapshots.get(ticketId))
    if (gap !== null && gap !== 'whole') yield { ticketId, bytes: gap }
  }
}

function resendable(read: Read, scope: Scope, resend: ReadonlySet<string>): string[] {
  if (resend.size === 0) return []
  const held = new Set(inScope(read, scope))
  return [...resend].filter((id) => held.has(id))
}

interface Content {
  readonly ticketId: string
  readonly bytes: Uint8Array
  /** Whether it replaces what the device holds, where it was to be a change of that. */
  readonly isWhole?: true
}

/** What can neither be read nor rebuilt is left out: the others of the scope do not wait for it. */
async function* stream(healing: Healing, ids: readonly string[]): AsyncGenerator<Content> {
  for (const ticketId of ids) {
    const bytes = await soundState(healing, ticketId)
    if (bytes !== null) yield { ticketId, bytes }
  }
}

/** What comes after the head may be of another generation of the document. */
async function* updates(
  healing: Healing,
  [from, head]: readonly [Position, Position],
  ids: readonly string[],
): AsyncGenerator<Content> {
  for (const ticketId of ids) {
    const stretch = { documentId: ticketId, from: from.cursor, to: head.cursor }
    const rows = await soundly(healing, () => updatesBetween(healing.read, stretch))
    if (rows === null) {
      const bytes = await soundState(healing, ticketId)
      if (bytes !== null) yield { ticketId, bytes, isWhole: true }
      continue
    }
    const [first] = rows
    if (first === undefined) continue
    yield { ticketId, bytes: rows.length === 1 ? first : Y.mergeUpdates(rows) }
  }
}

async function* nothing(): AsyncGenerator<Content> {}

async function* parts(
  { from, head }: { from: Position; head: Position },
  content: {
    enter: AsyncIterable<Content>
    change: AsyncIterable<Content>
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
  for await (const { ticketId, bytes: update, isWhole } of content.change) {
    if (isFull(update)) {
      yield part
      reset()
    }
    if (isWhole === true) part.enter.push({ ticketId, state: update })
    else part.change.push({ ticketId, update })
    bytes += update.length
  }
  yield { ...part, position: head, more: false }
}
