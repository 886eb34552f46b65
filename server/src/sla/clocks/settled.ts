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

/** The event that says so: all that was recorded before it and is ahead of it was recorded by a clock that was ahead. */
export const CLOCK_WENT_BACK = { subject: 'server', subjectId: 'clock', type: 'clock-went-back' }
/** The clock has gone ahead from the time in its payload, or the machine slept: if the log is ahead later, it was the former. */
export const CLOCK_WENT_AHEAD = { ...CLOCK_WENT_BACK, type: 'clock-went-ahead' }
/** It may as well be the clock that is wrong: the server has begun with a log that is ahead. */
export const CLOCK_IS_BEHIND = { ...CLOCK_WENT_BACK, type: 'clock-is-behind' }

/** When it was recorded at the latest. `id`: of the entry, or of the last one before. */
export function recordedBy(read: Read, { id, recordedAt }: Pick<Timed, 'id' | 'recordedAt'>, now: number): number {
  const [back] = returns(read, { id, before: recordedAt - JUMP_MS })
  const known = Math.min(now, back?.recordedAt ?? now)
  return recordedAt <= known + JUMP_MS ? recordedAt : (nextKnown(read, { id, known })[0]?.recordedAt ?? known)
}

const returns = prepared<{ id: number; before: number }>()((read, param) =>
  read
    .selectFrom('event')
    .select('recordedAt')
    .where('subjectId', '=', sql.lit(CLOCK_WENT_BACK.subjectId))
    .where('type', '=', sql.lit(CLOCK_WENT_BACK.type))
    .where('id', '>', param('id'))
    .where('recordedAt', '<', param('before'))
    .orderBy('id')
    .limit(sql.lit(1)),
)

const nextKnown = prepared<{ id: number; known: number }>()((read, param) =>
  read
    .selectFrom('event')
    .select('recordedAt')
    .where('id', '>', param('id'))
    .where('recordedAt', '<=', param('known'))
    .orderBy('id')
    .limit(sql.lit(1)),
)
