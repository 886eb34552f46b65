/**
 * Time zones: which offset holds when, and which instant a reading of the wall clock means. The library is asked for
 * the transitions only; between two of them an offset is a number.
 */
import { Temporal } from 'temporal-polyfill'

/** From `from` until `until` (instants) the wall clock shows the instant plus `offsetMs`. */
export interface OffsetSpan {
  readonly from: number
  readonly until: number
  readonly offsetMs: number
}

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

/** The spans that together reach from `from` to `until`, in order; the first and the last end there. */
export function offsetSpans(zone: string, from: number, until: number): OffsetSpan[] {
  const spans: OffsetSpan[] = []
  let start = from
  let reading = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(zone)
  while (start < until) {
    const next = reading.getTimeZoneTransition('next')
    const end = Math.min(next?.epochMilliseconds ?? until, until)
    spans.push({ from: start, until: end, offsetMs: reading.offsetNanoseconds / 1_000_000 })
    if (next === null) break
    start = end
    reading = next
  }
  return spans
}

/**
 * The instant at which the wall clock shows `localMs` (as if it were UTC) for the first time. A reading that is left
 * out when the clock goes forward means the transition.
 */
export function firstInstant(spans: readonly OffsetSpan[], localMs: number): number {
  const span = spans.find(({ until, offsetMs }) => localMs - offsetMs < until) ?? spans.at(-1)
  return span === undefined ? localMs : Math.max(localMs - span.offsetMs, span.from)
}

/** The same for the last time, where the clock goes back and shows it twice. */
export function lastInstant(spans: readonly OffsetSpan[], localMs: number): number {
  const span = spans.findLast(({ from, offsetMs }) => localMs - offsetMs >= from) ?? spans[0]
  return span === undefined ? localMs : Math.min(localMs - span.offsetMs, span.until)
}
