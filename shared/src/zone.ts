/** Time zones by their names in the IANA database: one rule for people, the workspace and calendars. */
import { Temporal } from 'temporal-polyfill'

/** Whether the IANA database has it. A bare offset such as `+03:00` is none: it knows no summer. */
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
