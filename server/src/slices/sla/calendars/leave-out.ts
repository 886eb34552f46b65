/** Which events and days of an iCalendar file are not to close anything: public feeds mix holidays with observances. */
import { z } from 'zod'
import { DayOfYear, LocalDate } from '@rejoin/shared/sla/calendar.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { twinKey } from '@rejoin/shared/names.ts'

const MAX = 500
const texts = z.array(z.string().trim().min(1).max(500)).max(MAX).default([])

export const LeaveOut = z
  .strictObject({
    uids: texts,
    /** `2026-10-25`, or `10-25` for every year. */
    dates: z
      .array(z.union([LocalDate, DayOfYear], 'must be a day such as 2026-10-25 or 10-25'))
      .max(MAX)
      .default([]),
    /** In capital letters or not: CATEGORIES of the event, or the first line of its description. */
    categories: texts,
  })
  .prefault({})
export type LeaveOut = z.output<typeof LeaveOut>

export class Leaving {
  readonly #leaveOut: LeaveOut
  readonly #used = new Set<string>()

  constructor(leaveOut: LeaveOut) {
    this.#leaveOut = leaveOut
  }

  /** The whole event. */
  takes({ uid, categories }: { uid: string | null; categories: readonly string[] }): boolean {
    const uids = this.#leaveOut.uids.filter((each) => each === uid)
    const names = new Set(categories.map(twinKey))
    const named = this.#leaveOut.categories.filter((each) => names.has(twinKey(each)))
    for (const each of [...uids, ...named]) this.#used.add(each)
    return uids.length + named.length > 0
  }

  /** A day such as 2026-10-25, or 10-25. */
  takesDay(day: string): boolean {
    const found = this.#leaveOut.dates.filter((each) => each === day || each === day.slice(5))
    for (const each of found) this.#used.add(each)
    return found.length > 0
  }

  /** Whether one of these days of the year is to be left out in a single year. */
  namesYearOf(days: readonly string[]): boolean {
    return this.#leaveOut.dates.some((each) => each.length > 5 && days.includes(each.slice(5)))
  }

  /** Throws `Refusal('invalid')` for what the file does not have: it would close what the caller thought to leave out. */
  mustBeUsed(): void {
    for (const [field, values] of Object.entries(this.#leaveOut)) {
      const other = values.find((value) => !this.#used.has(value))
      if (other === undefined) continue
      const hint = 'Try with dryRun first: it lists the uid, the categories and the days of each event.'
      throw new Refusal('invalid', `leaveOut.${field}: the file has no "${other}".`, hint)
    }
  }
}
