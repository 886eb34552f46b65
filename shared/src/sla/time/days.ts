/** What a calendar says of one date, in minutes of that date's wall clock. Dates are counted, never 24 h added up. */
import { Weekday, type Calendar, type Closure } from '../calendar.ts'

/** `[start, end)` in minutes after the local midnight, 0–1440. */
export type Minutes = readonly [start: number, end: number]

const DAY_MS = 86_400_000

/** The number of a date, counted from 1970-01-01, which is 0. */
function dayNumber(date: string): number {
  return Date.parse(date) / DAY_MS
}

function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

/** The reading of the wall clock at the start of a date, in ms as if it were UTC. */
export function localMidnight(day: number): number {
  return day * DAY_MS
}

/** Returns the intervals of a date by its number: in order, apart from one another. */
export function compileDays(calendar: Calendar): (day: number) => readonly Minutes[] {
  const weekly = Weekday.options.map((name) => union((calendar.weekly[name] ?? []).map(minutes)))
  const openings = Map.groupBy(calendar.openings, ({ date }) => dayNumber(date))
  const dated = Map.groupBy(
    calendar.closures.filter((closure) => 'date' in closure),
    ({ date }) => dayNumber(date),
  )
  const recurring = compileRecurring(calendar.closures.filter((closure) => 'firstDay' in closure))
  return (day) => {
    const usual = weekly[weekdayOf(day)] ?? []
    const opened = openings.get(day)
    const closed = union([...(dated.get(day) ?? []).map(minutesOf), ...recurring(day)])
    if (opened === undefined && closed.length === 0) return usual
    const left = closed.reduce<readonly Minutes[]>(subtract, usual)
    return union([...left, ...(opened ?? []).map(({ hours }) => minutes(hours))])
  }
}

/** 1970-01-01 was a Thursday; Monday is 0. */
function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7
}

/** What they close of a date by its number. Each day of the year is asked of all of them once, however many years follow. */
function compileRecurring(
  closures: readonly Extract<Closure, { firstDay: string }>[],
): (day: number) => readonly Minutes[] {
  if (closures.length === 0) return () => []
  const spans = closures.map((closure) => ({ closure, span: minutesOf(closure) }))
  const known = new Map<string, readonly Minutes[]>()
  return (day) => {
    const today = dateOf(day).slice(-5)
    const closed =
      known.get(today) ?? union(spans.filter(({ closure }) => isOn(closure, today)).map(({ span }) => span))
    known.set(today, closed)
    return closed
  }
}

function isOn({ firstDay, lastDay }: Extract<Closure, { firstDay: string }>, today: string): boolean {
  return firstDay <= lastDay ? firstDay <= today && today <= lastDay : firstDay <= today || today <= lastDay
}

function minutesOf({ hours }: Closure): Minutes {
  return minutes(hours)
}

function minutes([start, end]: readonly [string, string]): Minutes {
  return [minute(start), minute(end)]
}

function minute(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
}

function subtract(from: readonly Minutes[], [start, end]: Minutes): Minutes[] {
  const parts = from.flatMap(([first, last]): Minutes[] => [
    [first, Math.min(last, start)],
    [Math.max(first, end), last],
  ])
  return parts.filter(([first, last]) => first < last)
}

/** In order, and what touches or overlaps as one. */
export function union(intervals: readonly Minutes[]): Minutes[] {
  const merged: [number, number][] = []
  for (const [start, end] of intervals.toSorted(([a], [b]) => a - b)) {
    const last = merged.at(-1)
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end)
    else merged.push([start, end])
  }
  return merged
}
