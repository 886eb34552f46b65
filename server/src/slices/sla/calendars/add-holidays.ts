/** Adds the holidays of a file to a calendar, and says which of them are new. Pure. */
import { MAX_CLOSURES, type Calendar } from '@rejoin/shared/sla/calendar.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { Holiday, Holidays } from './holidays.ts'

type Closure = Calendar['closures'][number]

export interface Closing extends Omit<Holiday, 'closure'> {
  readonly name: string | null
  /** `2026-12-25`, or `12-25` for every year. */
  readonly day: string
  /** False where the calendar is closed on that day already. */
  readonly isNew: boolean
}

/** The most events that are named although they close nothing. */
const NAMED = 500

/** `closes` has every day of the file, in its order. Throws `Refusal('too-large')`. */
export function withHolidays(
  calendar: Calendar,
  { holidays, skipped, writtenOutUntil }: Holidays,
): Pick<Holidays, 'skipped' | 'writtenOutUntil'> & {
  value: Calendar
  closes: Closing[]
  added: number
  /** How many events were left out, of which `skipped` has the first. */
  leftOut: number
} {
  const closed = new Set(calendar.closures.flatMap(wholeDays))
  const added: Closure[] = []
  const closes = holidays.map(({ closure, ...event }): Closing => {
    const day = dayOf(closure)
    const isNew = !closed.has(day) && !closed.has(day.slice(-5))
    if (isNew) added.push(closure)
    closed.add(day)
    return { ...event, day, name: closure.name ?? null, isNew }
  })
  const closures = [...calendar.closures, ...added]
  if (closures.length > MAX_CLOSURES) {
    const message = `ics: the calendar would have ${closures.length} closures; the limit is ${MAX_CLOSURES}.`
    throw new Refusal('too-large', message, 'Remove past closures from the calendar first.')
  }
  const answer = { closes, added: added.length, skipped: skipped.slice(0, NAMED), leftOut: skipped.length }
  return { value: { ...calendar, closures }, ...answer, writtenOutUntil }
}

function dayOf(closure: Closure): string {
  return 'date' in closure ? closure.date : closure.firstDay
}

const YEAR = Array.from({ length: 366 }, (_, day) => new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(5, 10))

/** A closure for part of a day leaves the rest of it open. */
function wholeDays(closure: Closure): string[] {
  if (closure.hours.join() !== '00:00,24:00') return []
  if ('date' in closure) return [closure.date]
  const { firstDay, lastDay } = closure
  return YEAR.filter((day) =>
    firstDay <= lastDay ? firstDay <= day && day <= lastDay : firstDay <= day || day <= lastDay,
  )
}
