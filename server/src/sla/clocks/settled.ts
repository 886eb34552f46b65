/**
 * The times of a ticket's log as far as they can be. What was recorded by a clock that was ahead happened before the next
 * entry of the whole log that was not; what was recorded by one that was set back, not before the entry before it.
 */
import { sql } from 'kysely'
import { JUMP_MS } from '../../core/steadiness.ts'
import type { Read } from '../../core/db.ts'
import { prepared } from '../../core/prepared.ts'

interface Timed {
  readonly id: number
  readonly effectiveAt: number
  readonly recordedAt: number
}

/** In the order of the log. */
export function settled<Entry extends Timed>(read: Read, entries: readonly Entry[], now: number): Entry[] {
  let latest = 0
  return entries.map((entry) => {
    const known = recordedBy(read, entry, now)
    // Smaller steps are those of a clock that is being corrected.
    const recordedAt = latest - known > JUMP_MS ? latest : known
    latest = Math.max(latest, recordedAt)
    const shift = recordedAt - entry.recordedAt
    return shift === 0 ? entry : { ...entry, recordedAt, effectiveAt: Math.max(0, entry.effectiveAt + shift) }
  })
}

/** When it was recorded at the latest. `id`: of the entry, or of the last one before. */
export function recordedBy(read: Read, { id, recordedAt }: Pick<Timed, 'id' | 'recordedAt'>, now: number): number {
  return recordedAt <= now ? recordedAt : (nextKnown(read, { id, now })[0]?.recordedAt ?? now)
}

const nextKnown = prepared<{ id: number; now: number }>()((read, param) =>
  read
    .selectFrom('event')
    .select('recordedAt')
    .where('id', '>', param('id'))
    .where('recordedAt', '<=', param('now'))
    .orderBy('id')
    .limit(sql.lit(1)),
)
