/**
 * A device and a database that have diverged: the server was restored from a backup older than the device's cursor, or
 * its log no longer reaches back to it. The device lists the positions where it has been, offers again the commands
 * decided since the common position, and lists the documents it holds. Nothing is remembered between those exchanges,
 * so any of them may be cut and begun again.
 */
import type { Exchange, LogPosition } from '@rejoin/shared/sync/wire.ts'
import type { Read } from '../../core/storage/db.ts'
import { floorOf } from '../../core/maintenance/compaction.ts'
import { headOf, knows } from '../../core/storage/revisions.ts'
import { incarnationsOf, noteContact, seenBounds } from './devices.ts'
import type { OutgoingBatch, SyncApp } from './exchange.ts'
import { judge, type JudgeContext } from './judge.ts'
import { lostAfter, showsLoss } from './past.ts'
import type { Understood } from './versions.ts'
import { beginRecovery, countOffered, finishRecovery } from './recoveries.ts'

/**
 * The next batch for the device before it can be caught up; null if it can. None of its queued commands is judged
 * before: they may build on lost work.
 */
export async function reconcile(app: SyncApp, actorId: string, exchange: Understood): Promise<OutgoingBatch | null> {
  const { places, offered, held } = exchange
  if (held !== undefined) return null
  if (places === undefined && offered === undefined) return hasDiverged(app, exchange) ? ask(app, {}) : null
  const since = commonPosition(app.read, places ?? [])
  await noteContact(app, actorId, exchange, since)
  if (offered !== undefined) return takeOffers(app, actorId, { ...exchange, offered })
  const isOther = exchange.epoch !== undefined && exchange.epoch !== app.epoch
  // Whether a position below the end of the log was lost cannot be known: that device was away for long.
  const lastKnown = Math.max(since, floorOf(app.read) - 1)
  const isRestored = isOther || places?.some(({ cursor }) => cursor > lastKnown) === true
  if (isRestored) await beginRecovery(app, actorId, { deviceId: exchange.device, since })
  return ask(app, { since })
}

/** Closes the report on the device, when all of its work is stored. */
export async function endReconcile(app: SyncApp, actorId: string, { device }: Exchange): Promise<void> {
  const recovery = await finishRecovery(app, actorId, device)
  if (recovery !== null) app.log.info(recovery, 'device reconciled after a restore')
}

/**
 * Whether the device is at a position that this database does not know: it was never committed here, or the log no
 * longer reaches back. A device that begins has no position.
 */
function hasDiverged(app: SyncApp, { epoch, cursor, tag }: Exchange): boolean {
  if (epoch === undefined || tag === undefined || cursor === 0) return false
  if (epoch !== app.epoch) return true
  return !knows(app.read, { cursor, tag })
}

/** The tags are random, so a position that is known here is a common one, regardless of its epoch. */
function commonPosition(read: Read, places: readonly LogPosition[]): number {
  for (const position of places.toSorted((a, b) => b.cursor - a.cursor)) {
    if (position.cursor > 0 && knows(read, position)) return position.cursor
  }
  return 0
}

async function takeOffers(
  app: SyncApp,
  actorId: string,
  exchange: Understood & { offered: NonNullable<Understood['offered']> },
): Promise<OutgoingBatch> {
  const { device, cursor } = exchange
  const known = await knownIds(
    app.read,
    exchange.offered.map(({ id }) => id),
  )
  const offered = exchange.offered.filter(({ id, refused }) => refused !== true || known.has(id))
  const verdicts = await judge(offerContext(app, exchange), actorId, { ...exchange, commands: offered })
  const anew = verdicts.filter(({ id }) => !known.has(id))
  const count = (...outcomes: string[]) => anew.filter(({ outcome }) => outcomes.includes(outcome)).length
  await countOffered(app, actorId, {
    deviceId: device,
    since: cursor,
    offered: offered.length,
    recovered: count('applied', 'adjusted'),
    parked: count('parked'),
    refused: count('refused'),
  })
  return { ...standstill(app), verdicts }
}

function offerContext(app: SyncApp, exchange: Exchange): JudgeContext {
  const { read, commits, config } = app
  const now = app.now()
  const seen = seenBounds(app, exchange.device)
  const { horizonDays } = config
  const context = { commits, now, seen, incarnations: incarnationsOf(read, exchange.device) }
  if (!showsLoss(app, exchange)) return context
  return { ...context, lostAfter: lostAfter(read, { seenFrom: seen.from, now, horizonDays }) }
}

async function knownIds(read: Read, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const rows = await read.selectFrom('receipt').select('id').where('id', 'in', ids).execute()
  return new Set(rows.map(({ id }) => id))
}

function ask(app: SyncApp, question: NonNullable<OutgoingBatch['reconcile']>): OutgoingBatch {
  return { ...standstill(app), reconcile: question }
}

/** A batch that does not move the device: with `more`, its position is only the server's head. */
function standstill(app: SyncApp): OutgoingBatch {
  return { type: 'batch', epoch: app.epoch, ...headOf(app.read), serverTime: app.now(), more: true }
}
