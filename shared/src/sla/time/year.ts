/** The working time of one year of UTC, as sorted instants with their running sums, to be searched by halves. */
import { localMidnight, union, type Minutes } from './days.ts'
import { hullOf, offsetSpans, type Span } from './zone.ts'

export class Year {
  readonly #starts: Float64Array
  readonly #ends: Float64Array
  /** Time worked in the year before the interval of that index, ms. */
  readonly #before: Float64Array
  /** ms worked in the whole year. */
  readonly totalMs: number

  constructor(spans: readonly Span[]) {
    this.#starts = Float64Array.from(spans, ({ from }) => from)
    this.#ends = Float64Array.from(spans, ({ until }) => until)
    this.#before = new Float64Array(spans.length)
    let total = 0
    for (const [index, { from, until }] of spans.entries()) {
      this.#before[index] = total
      total += until - from
    }
    this.totalMs = total
  }

  /** When the last work of the year ends; null in a year without any. */
  get lastEnd(): number | null {
    return this.#ends.at(-1) ?? null
  }

  /** The first interval that ends after `at`; null when nothing is worked any more. */
  spanAfter(at: number): Span | null {
    const index = firstWhere(this.#ends, (end) => end > at)
    const [from, until] = [this.#starts[index], this.#ends[index]]
    return from === undefined || until === undefined ? null : { from, until }
  }

  /** ms worked in the year before `at`. */
  workedBefore(at: number): number {
    const index = firstWhere(this.#ends, (end) => end > at)
    return (this.#before[index] ?? this.totalMs) + Math.max(0, at - (this.#starts[index] ?? at))
  }

  /**
   * The least instant by which `workedMs` of the year were worked, `0 < workedMs <= totalMs`: an interval's end is one.
   */
  instantOf(workedMs: number): number {
    const index = firstWhere(this.#before, (before) => before >= workedMs) - 1
    return (this.#starts[index] ?? 0) + workedMs - (this.#before[index] ?? 0)
  }
}

/** The least index whose value passes; the values that pass are at the end. The length when none does. */
function firstWhere(values: Float64Array, passes: (value: number) => boolean): number {
  let [low, high] = [0, values.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (passes(values[middle] ?? 0)) high = middle
    else low = middle + 1
  }
  return low
}

const DAY_MS = 86_400_000
/** No zone is further from UTC, and none was ever set back by more than a day. */
const MARGIN_DAYS = 2

/** Every date that could reach into the year is resolved and cut to it, so that years join without a seam. */
export function compileYear(zone: string, intervalsOf: (day: number) => readonly Minutes[], year: number): Year {
  const [from, until] = [Date.UTC(year), Date.UTC(year + 1)]
  const margin = MARGIN_DAYS * DAY_MS
  const offsets = offsetSpans(zone, from - 2 * margin, until + 2 * margin)
  const spans: Minutes[] = []
  for (let day = (from - margin) / DAY_MS; day < (until + margin) / DAY_MS; day++) {
    const midnight = localMidnight(day)
    for (const [start, end] of intervalsOf(day)) {
      const hull = hullOf(offsets, midnight + start * 60_000, midnight + end * 60_000)
      if (hull === null) continue
      const [opens, closes] = [Math.max(hull.from, from), Math.min(hull.until, until)]
      if (opens < closes) spans.push([opens, closes])
    }
  }
  return new Year(union(spans).map(([from, until]) => ({ from, until })))
}
