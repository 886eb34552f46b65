/** The names of time zones: one rule for the zone of a person, of the workspace and of a calendar. */
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
