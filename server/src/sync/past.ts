/**
 * How far a device's word about its past is believed: no further than what this server knows of it.
 *
 * 1. Its person has seen no less than it stood at when all that it had done before was here.
 * 2. A device that is new stood where it can prove that it did: tags are random. Else it has seen what everybody sees.
 * 3. The server has lost something only where a device shows a place that was given out here and is not known any more.
 *    Until then, what it says of earlier verdicts is judged as work that comes now.
 */
import { sql } from 'kysely'
import { MAX_BACKDATE_MS } from '@rejoin/shared/time.ts'
import type { Exchange } from '@rejoin/shared/wire.ts'
import { floorOf } from '../core/compaction.ts'
import type { Read } from '../core/db.ts'
import { prepared } from '../core/prepared.ts'
import type { Secrets } from '../core/secrets.ts'
import { headOf, knows } from './catch-up.ts'

const DAY_MS = 24 * 3_600_000

interface Known {
  readonly read: Read
  readonly epoch: string
  readonly secrets: Pick<Secrets, 'isTagOf'>
}

type Standing = Pick<Exchange, 'epoch' | 'cursor' | 'tag' | 'places'>

/** The place from which on a device can have seen things that is new to this database; `since` is the newest common one. */
export async function provenPlace(app: Known, exchange: Standing, since = 0): Promise<number> {
  const { epoch, cursor, tag = '', places = [] } = exchange
  const { read, secrets } = app
  if (epoch === app.epoch && cursor > 0 && (await knows(read, { cursor, tag }))) return cursor
  // It was given out here, and what was committed then is not known one by one any more.
  if (cursor > 0 && cursor < floorOf(read) && secrets.isTagOf(cursor, tag)) return cursor
  for (const place of [{ cursor, tag }, ...places]) if (await showsLoss(app, place)) return since
  return headOf(read).cursor
}

/** Of a place below the end of the log nobody can tell. */
export async function showsLoss(
  { read, secrets }: Known,
  { cursor, tag = '' }: Pick<Exchange, 'cursor' | 'tag'>,
): Promise<boolean> {
  if (cursor < Math.max(1, floorOf(read)) || !secrets.isTagOf(cursor, tag)) return false
  return !(await knows(read, { cursor, tag }))
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
