/**
 * Time zones: which offset holds when, and which instants show readings of the wall clock. The library is asked for
 * the transitions only; between two of them an offset is a number.
 */
import { Temporal } from 'temporal-polyfill'

/** `[from, until)`, epoch ms. */
export interface Span {
  readonly from: number
  readonly until: number
}

/** In it the wall clock shows the instant plus `offsetMs`. */
export interface OffsetSpan extends Span {
  readonly offsetMs: number
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
 * The hull of the instants at which the wall clock shows a reading in `[startMs, endMs)` (as if it were UTC); null where it
 * shows none. So a reading that is left out when the clock goes forward means the transition; of one that is shown twice,
 * a start is the first and an end the second. An end at the reading that the clock is set back to is the first: the second
 * time shows nothing before it.
 */
export function hullOf(spans: readonly OffsetSpan[], startMs: number, endMs: number): Span | null {
  let [opens, closes] = [Infinity, -Infinity]
  for (const span of spans) {
    const from = Math.max(startMs - span.offsetMs, span.from)
    const until = Math.min(endMs - span.offsetMs, span.until)
    if (from >= until) continue
    opens = Math.min(opens, from)
    closes = Math.max(closes, until)
  }
  return opens < closes ? { from: opens, until: closes } : null
}
