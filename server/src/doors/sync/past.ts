/**
 * How far a device's word about its past is believed: no further than this server's own knowledge.
 *
 * 1. A person has seen at least as much as their device at its cursor when all its earlier work was here.
 * 2. A new device is believed to have been at a position only if it can prove it: tags are random. An unproven one
 *    gives it no right; a person decides.
 * 3. The server has lost changes only if a device shows a position that was given out here and is unknown now.
 *    Otherwise its report of earlier verdicts is judged as new work.
 */
import { sql } from 'kysely'
import { MAX_BACKDATE_MS } from '@rejoin/shared/sync/time.ts'
import type { Exchange } from '@rejoin/shared/sync/wire.ts'
import { floorOf } from '../../core/maintenance/compaction.ts'
import type { Read } from '../../core/storage/db.ts'
import { prepared } from '../../core/storage/prepared.ts'
import type { Secrets } from '../../core/secrets.ts'
import { headOf, knows } from '../../core/storage/revisions.ts'

const DAY_MS = 24 * 3_600_000

interface Known {
  readonly read: Read
  readonly epoch: string
  readonly secrets: Pick<Secrets, 'isTagOf'>
}

type Standing = Pick<Exchange, 'epoch' | 'cursor' | 'tag' | 'places'>

/**
 * The knowledge about a device that is new to this database; `since` is the newest position in common with a diverged
 * device. None of its work was made before `seenFrom`, and it has no proof for its claims before `provenFrom`.
 */
export function pastOf(
  app: Known & { readonly config: { readonly horizonDays: number } },
  exchange: Standing,
  { since = 0, now }: { since: number | undefined; now: number },
): { seenFrom: number; provenFrom: number } {
  const { epoch, cursor, tag = '', places = [] } = exchange
  const { read, secrets, config } = app
  const proven = (seenFrom: number) => ({ seenFrom, provenFrom: 0 })
  if (isKnown(app, exchange)) return proven(cursor)
  // This server gave out that position, and the commits of then are no longer known one by one.
  if (cursor > 0 && cursor < floorOf(read) && secrets.isTagOf(cursor, tag)) return proven(cursor)
  const horizon = positionAt(read, { at: now - config.horizonDays * DAY_MS })[0]?.seq ?? 0
  for (const position of [{ cursor, tag }, ...places]) {
    if (showsLoss(app, position)) return proven(Math.max(since, horizon))
  }
  const { cursor: head } = headOf(read)
  // The loss that it claims may be real, and a person decides; a device that begins has seen nothing before.
  return { seenFrom: epoch === undefined ? head : Math.max(since, horizon), provenFrom: head }
}

/** The position before which none of the device's outstanding work was made, now that this exchange is judged. */
export function seenBy(app: Known & { now(): number }, exchange: Exchange): number {
  const { cursor, waitingSeen = cursor } = exchange
  if (!isKnown(app, exchange)) return 0
  // Work that waited for longer while its device was in contact counts from its arrival.
  const longAgo = positionAt(app.read, { at: app.now() - MAX_BACKDATE_MS })[0]?.seq ?? 0
  return Math.min(cursor, Math.max(waitingSeen, longAgo))
}

function isKnown({ read, epoch }: Known, { epoch: own, cursor, tag = '' }: Standing): boolean {
  return own === epoch && cursor > 0 && knows(read, { cursor, tag })
}

const positionAt = prepared<{ at: number }>()((read, param) =>
  read.selectFrom('revision').select('seq').where('at', '<=', param('at')).orderBy('seq', 'desc').limit(sql.lit(1)),
)

/**
 * Whether the position was given out here and is lost. False for a position below the end of the log, which cannot be
 * checked.
 */
export function showsLoss({ read, secrets }: Known, { cursor, tag = '' }: Pick<Exchange, 'cursor' | 'tag'>): boolean {
  if (cursor < Math.max(1, floorOf(read)) || !secrets.isTagOf(cursor, tag)) return false
  return !knows(read, { cursor, tag })
}

/**
 * The time before which no lost change took effect: it was received after the device was at `seenFrom`, and counted
 * from at most `MAX_BACKDATE_MS` earlier; and no device keeps work older than the horizon.
 */
export function lostAfter(read: Read, asked: { seenFrom: number; now: number; horizonDays: number }): number {
  const { seenFrom, now, horizonDays } = asked
  const stoodAt = revisionAt(read, { seenFrom })[0]?.at ?? 0
  return Math.max(stoodAt, now - horizonDays * DAY_MS) - MAX_BACKDATE_MS
}

const revisionAt = prepared<{ seenFrom: number }>()((read, param) =>
  read
    .selectFrom('revision')
    .select('at')
    .where('seq', '<=', param('seenFrom'))
    .orderBy('seq', 'desc')
    .limit(sql.lit(1)),
)
