/**
 * The changes that a device must be told since its cursor, from indexed reads of the log. Nothing is loaded for a
 * device without changes.
 *
 * Every read is bounded by the head it started from: later commits belong to the next catch-up.
 */
import { sql } from 'kysely'
import type { HeldDocument, LogPosition } from '@rejoin/shared/sync/wire.ts'
import { DELIVERABLE_BYTES } from '@rejoin/shared/budgets.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { mergeUpdates } from '@rejoin/shared/sync/updates.ts'
import { floorOf } from '../../core/maintenance/compaction.ts'
import type { Read } from '../../core/storage/db.ts'
import { differenceTo } from '../../core/documents/difference.ts'
import { isSound } from '../../core/documents/parts.ts'
import { soundState, type Healing } from '../../core/maintenance/heal.ts'
import { prepared } from '../../core/storage/prepared.ts'
import type { Item } from './parts.ts'
import { changedSince, inScope, movedBetween, renewedSince, whyOutside, type Scope } from './scope.ts'

/** The head to which a device is brought, its scope there, and the means to rebuild damaged documents. */
export interface Target {
  readonly head: LogPosition
  readonly scope: Scope
  readonly healing: Healing
}

/** The most updates of one document that are merged for a device. Beyond these limits it gets the document instead. */
const MAX_UPDATES = 64
const MAX_UPDATE_BYTES = 1024 * 1024

/** The whole scope, for a device that begins or whose position is unknown here. */
export async function* wholeScope(read: Read, { scope, healing }: Target): AsyncGenerator<Item> {
  yield* whole(healing, inScope(read, scope))
}

/** The scope that a device holds at `from`, and the documents that it must take anew in any case. */
export interface Former {
  readonly from: LogPosition
  readonly scope: Scope
  readonly resend: ReadonlySet<string>
}

/** The documents that changed in the scope, entered it or left it since. */
export async function* since(
  read: Read,
  { from, scope: former, resend }: Former,
  { head, scope, healing }: Target,
): AsyncGenerator<Item> {
  if (head.cursor === from.cursor && resend.size === 0) return
  const { entered, left } = movedBetween(healing, former, scope)
  for (const each of left) yield { leave: each }
  const changed = changedSince(read, from.cursor, scope)
  const renewed = renewedSince(read, from.cursor, scope)
  const anew = new Set([...entered, ...renewed, ...resendable(read, scope, resend)])
  yield* whole(healing, [...anew])
  yield* updates(
    healing,
    [from, head],
    changed.filter((id) => !anew.has(id)),
  )
  mustReachBack(read, from)
}

/** The log may have been cut while a slow reader was at its old end. */
function mustReachBack(read: Read, { cursor }: LogPosition): void {
  if (floorOf(read) <= cursor + 1) return
  throw new Refusal(
    'unavailable',
    'The change log no longer reaches back to the last sync of this device.',
    'Connect again.',
  )
}

/**
 * Brings a device that diverged from this database up to date, by the documents it holds: none may keep anything from a
 * lost future.
 */
export async function* reunion(
  read: Read,
  { scope, healing }: Target,
  held: readonly HeldDocument[],
): AsyncGenerator<Item> {
  const snapshots = new Map(held.map(({ ticketId, snapshot }) => [ticketId, snapshot]))
  const ids = inScope(read, scope)
  const inside = new Set(ids)
  const outside = [...snapshots.keys()].filter((documentId) => !inside.has(documentId))
  for (const leave of whyOutside(healing, outside, scope)) yield { leave }
  for (const documentId of ids) {
    await healing.pace.turn()
    const update = await gapOf(healing, documentId, snapshots.get(documentId))
    if (update === 'whole') yield* whole(healing, [documentId])
    else if (update !== null) yield { change: { documentId, update } }
  }
}

/**
 * The gap of the device in the document: an update, nothing, or all of it if the device has changes that this database
 * lacks.
 */
async function gapOf(
  healing: Healing,
  documentId: string,
  snapshot: Uint8Array | undefined,
): Promise<Uint8Array | 'whole' | null> {
  const state = await soundState(healing, documentId)
  const isWhole = state === null || snapshot === undefined || state.length > DELIVERABLE_BYTES
  return isWhole ? 'whole' : differenceTo(state, snapshot)
}

function resendable(read: Read, scope: Scope, resend: ReadonlySet<string>): string[] {
  if (resend.size === 0) return []
  const held = new Set(inScope(read, scope))
  return [...resend].filter((id) => held.has(id))
}

/**
 * Whole documents. A document too large for a frame leaves the device: `doctor` names it to the operator. One that can
 * neither be read nor rebuilt is left out: the others of the scope do not wait for it.
 */
async function* whole(healing: Healing, ids: readonly string[]): AsyncGenerator<Item> {
  for (const documentId of ids) {
    await healing.pace.turn()
    const state = await soundState(healing, documentId)
    if (state !== null)
      yield state.length <= DELIVERABLE_BYTES ? { enter: { documentId, state } } : tooLarge(documentId)
  }
}

/** The changes of documents that the device has. The whole document if its updates are damaged or too many. */
async function* updates(
  healing: Healing,
  [from, head]: readonly [LogPosition, LogPosition],
  ids: readonly string[],
): AsyncGenerator<Item> {
  for (const documentId of ids) {
    await healing.pace.turn()
    const rows = firstBetween(healing.read, { documentId, from: from.cursor, head: head.cursor })
    const [first] = rows
    if (first === undefined) continue
    const bytes = rows.reduce((sum, { update }) => sum + update.length, 0)
    const isPlain = rows.length <= MAX_UPDATES && bytes <= MAX_UPDATE_BYTES
    if (first.stateBytes > DELIVERABLE_BYTES) yield tooLarge(documentId)
    else if (isPlain && rows.every(({ update, sum }) => isSound(update, sum))) {
      yield { change: { documentId, update: merged(rows) } }
    } else yield* whole(healing, [documentId])
  }
}

function merged(rows: readonly { readonly update: Uint8Array }[]): Uint8Array {
  const [first] = rows
  return rows.length === 1 && first !== undefined ? first.update : mergeUpdates(rows.map(({ update }) => update))
}

function tooLarge(documentId: string): Item {
  return { leave: { documentId, reason: 'too-large' } }
}

/** Updates after the head may belong to another generation of the document. */
const firstBetween = prepared<{ documentId: string; from: number; head: number }>()((read, param) =>
  read
    .selectFrom('documentUpdate')
    .innerJoin('document', 'document.id', 'documentId')
    .select(['update', 'documentUpdate.sum', sql<number>`length(state)`.as('stateBytes')])
    .where('documentId', '=', param('documentId'))
    .where('seq', '>', param('from'))
    .where('seq', '<=', param('head'))
    .orderBy('seq')
    .limit(sql.lit(MAX_UPDATES + 1)),
)
