/**
 * How far a device's word about its past is believed: no further than what this server knows of it.
 *
 * 1. Its person has seen no less than it stood at when all that it had done before was here.
 * 2. A device that is new stood where it can prove that it did: tags are random. What it cannot prove gives it no right; a
 *    person decides.
 * 3. The server has lost something only where a device shows a place that was given out here and is not known any more.
 *    Until then, what it says of earlier verdicts is judged as work that comes now.
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
 * What is known of a device that is new to this database; `since` is the newest place in common with one that has parted.
 * Nothing that it brings was made before `seenFrom`, and what it says of before `provenFrom` it cannot show.
 */
export async function pastOf(
  app: Known & { readonly config: { readonly horizonDays: number } },
  exchange: Standing,
  { since = 0, now }: { since: number | undefined; now: number },
): Promise<{ seenFrom: number; provenFrom: number }> {
  const { epoch, cursor, tag = '', places = [] } = exchange
  const { read, secrets, config } = app
  const proven = (seenFrom: number) => ({ seenFrom, provenFrom: 0 })
  if (await isKnown(app, exchange)) return proven(cursor)
  // It was given out here, and what was committed then is not known one by one any more.
  if (cursor > 0 && cursor < floorOf(read) && secrets.isTagOf(cursor, tag)) return proven(cursor)
  const horizon = placeAt(read, { at: now - config.horizonDays * DAY_MS })[0]?.seq ?? 0
  for (const place of [{ cursor, tag }, ...places]) {
    if (await showsLoss(app, place)) return proven(Math.max(since, horizon))
  }
  const { cursor: head } = headOf(read)
  // What it says to have lost may be so, and a person decides; one that begins has seen nothing before.
  return { seenFrom: epoch === undefined ? head : Math.max(since, horizon), provenFrom: head }
}

/** The place before which nothing was made that the device is still to bring, now that this exchange is judged. */
export async function seenBy(app: Known & { now(): number }, exchange: Exchange): Promise<number> {
  const { cursor, waitingSeen = cursor } = exchange
  if (!(await isKnown(app, exchange))) return 0
  // Work that has waited for longer while its device was here counts from when it comes.
  const longAgo = placeAt(app.read, { at: app.now() - MAX_BACKDATE_MS })[0]?.seq ?? 0
  return Math.min(cursor, Math.max(waitingSeen, longAgo))
}

async function isKnown({ read, epoch }: Known, { epoch: own, cursor, tag = '' }: Standing): Promise<boolean> {
  return own === epoch && cursor > 0 && knows(read, { cursor, tag })
}

const placeAt = prepared<{ at: number }>()((read, param) =>
  read.selectFrom('revision').select('seq').where('at', '<=', param('at')).orderBy('seq', 'desc').limit(sql.lit(1)),
)

/** Of a place below the end of the log nobody can tell. */
export async function showsLoss(
  { read, secrets }: Known,
  { cursor, tag = '' }: Pick<Exchange, 'cursor' | 'tag'>,
): Promise<boolean> {
  if (cursor < Math.max(1, floorOf(read)) || !secrets.isTagOf(cursor, tag)) return false
  return !knows(read, { cursor, tag })
}

/**
 * Before which time nothing took effect that the server has lost: it was received after the device stood at `seenFrom`,
 * and had counted from no earlier than the limit; and no device keeps what is older than the horizon.
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
