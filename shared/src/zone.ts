/** Time zones by their names in the IANA database: one rule for people, the workspace and calendars. */
import { Temporal } from 'temporal-polyfill'
import { z } from 'zod'

/** A bare offset such as `+03:00` is no zone: it has no summer time. */
export function isZone(name: string): boolean {
  if (!/^[a-z]/i.test(name)) return false
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

export const Zone = z.string().max(60).refine(isZone, 'must be a time zone such as Europe/Berlin')
