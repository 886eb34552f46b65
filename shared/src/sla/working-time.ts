/**
 * Working time by a calendar: the set W of working instants. For each local date its intervals, without closures and
 * with openings, each resolved to the hull of the instants that show a reading in it (`time/zone.ts`), united over all dates.
 *
 * Instants are epoch ms, durations ms. Years are compiled when they are first needed; within one, questions are answered
 * by binary search, so that a year ahead costs as much as a minute ahead.
 */
import type { Calendar } from './calendar.ts'
import { compileDays, type Minutes } from './time/days.ts'
import { compileYear, type Year } from './time/year.ts'
import type { Span } from './time/zone.ts'

/** Outside these years nothing is worked, and what would end there is unschedulable. */
const FIRST_YEAR = 1900
const LAST_YEAR = 2499
/** A clock that has no working time for so long can never run out: 366 days. */
export const HORIZON_MS = 366 * 86_400_000
/** Compiled years that a calendar keeps, about 12 KB each with two intervals a day; when there are more, it starts anew. */
const KEPT_YEARS = 16

export class WorkingTime {
  readonly calendar: Calendar
  readonly #intervalsOf: (day: number) => readonly Minutes[]
  readonly #years = new Map<number, Year>()

  constructor(calendar: Calendar) {
    this.calendar = calendar
    this.#intervalsOf = compileDays(calendar)
  }

  /** Whether `at` is a working instant. */
  isOpen(at: number): boolean {
    const span = this.#hasYear(at) ? this.#year(yearOf(at)).spanAfter(at) : null
    return span !== null && span.from <= at
  }

  /** The first working instant at or after `at`; null when there is none within 366 days. */
  nextOpen(at: number): number | null {
    for (const year of years(at, at + HORIZON_MS)) {
      const span = this.#year(year).spanAfter(at)
      if (span !== null) return span.from - at > HORIZON_MS ? null : Math.max(span.from, at)
    }
    return null
  }

  /**
   * The least instant t ≥ `at` with `workMs` of working time in [at, t): what ends exactly when work does is due
   * then, not at the next opening. Null when 366 days without work come first.
   */
  add(at: number, workMs: number): number | null {
    if (workMs <= 0) return at
    let missing = workMs
    let idleFrom = at
    for (const number of years(at, Infinity)) {
      const year = this.#year(number)
      const before = number === yearOf(at) ? year.workedBefore(at) : 0
      const span = year.spanAfter(at)
      if ((span?.from ?? Date.UTC(number + 1)) - idleFrom > HORIZON_MS) return null
      if (before + missing <= year.totalMs) return year.instantOf(before + missing)
      missing -= year.totalMs - before
      if (span !== null) idleFrom = year.lastEnd ?? idleFrom
    }
    return null
  }

  /** Working time in [from, until), ms; 0 when `until` is not after `from`. */
  between(from: number, until: number): number {
    let total = 0
    for (const number of years(from, until)) {
      const year = this.#year(number)
      total += year.workedBefore(until) - year.workedBefore(from)
    }
    return total
  }

  /** The working intervals in [from, until), in order and apart from one another. */
  slices(from: number, until: number): Span[] {
    const slices: { from: number; until: number }[] = []
    for (const number of years(from, until)) {
      const year = this.#year(number)
      let span = year.spanAfter(from)
      while (span !== null && span.from < until) {
        const slice = { from: Math.max(span.from, from), until: Math.min(span.until, until) }
        const last = slices.at(-1)
        if (last?.until === slice.from) last.until = slice.until
        else slices.push(slice)
        span = year.spanAfter(span.until)
      }
    }
    return slices
  }

  #hasYear(at: number): boolean {
    return at >= Date.UTC(FIRST_YEAR) && at < Date.UTC(LAST_YEAR + 1)
  }

  #year(number: number): Year {
    const known = this.#years.get(number)
    if (known !== undefined) return known
    const year = compileYear(this.calendar.zone, this.#intervalsOf, number)
    if (this.#years.size === KEPT_YEARS) this.#years.clear()
    this.#years.set(number, year)
    return year
  }
}

function yearOf(at: number): number {
  return new Date(at).getUTCFullYear()
}

/** The years with instants in [from, until), as far as there is work in any. */
function* years(from: number, until: number): Generator<number> {
  if (until <= from) return
  const last = until >= Date.UTC(LAST_YEAR + 1) ? LAST_YEAR : yearOf(until - 1)
  const first = from >= Date.UTC(LAST_YEAR + 1) ? LAST_YEAR + 1 : Math.max(FIRST_YEAR, yearOf(from))
  for (let year = first; year <= last; year++) yield year
}

/** Why clocks could not run by it from `at` on, as a sentence; null when they can. */
export function calendarFault(calendar: Calendar, at: number): string | null {
  if (new WorkingTime(calendar).nextOpen(at) !== null) return null
  return 'The calendar has no working time in the next 366 days, so no clock could ever run out.'
}
