/**
 * Working time the slow way, as an oracle: what the wall clock shows is asked for each minute of a window, and the
 * minutes in which work is done are ticked off. It shares no code with the engine.
 */
import type { Calendar } from '@rejoin/shared/sla/calendar.ts'

const MINUTE = 60_000
const DAY = 1440
/** Dates at the edges of a window cannot be told: their midnights may lie outside. */
export const MARGIN_MINUTES = 2 * DAY

export interface Window {
  readonly zone: string
  /** Epoch ms, a whole minute. */
  readonly from: number
  /** What the wall shows at each minute, in minutes as if it were UTC. */
  readonly shown: readonly number[]
}

export function look(zone: string, from: number, minutes: number): Window {
  const parts = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', era: undefined, ...parts })
  const shown = Array.from({ length: minutes }, (_, index) => {
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0] = (
      format.format(from + index * MINUTE).match(/\d+/g) ?? []
    ).map(Number)
    return Date.UTC(year, month - 1, day, hour, minute) / MINUTE
  })
  return { zone, from, shown }
}

/** For each minute of the window whether it is worked: from the first to the last that shows a reading of an interval. */
export function ticks({ shown }: Window, calendar: Calendar): boolean[] {
  const open = shown.map(() => false)
  const first = Math.floor(Math.min(...edges(shown)) / DAY) - 1
  const last = Math.floor(Math.max(...edges(shown)) / DAY) + 1
  for (let date = first; date <= last; date++) {
    for (const [start, end] of runsOf(workedOn(calendar, date))) {
      const isIn = (reading: number) => date * DAY + start <= reading && reading < date * DAY + end
      const [opens, last] = [shown.findIndex(isIn), shown.findLastIndex(isIn)]
      if (opens >= 0) open.fill(true, opens, last + 1)
    }
  }
  return open
}

function edges(shown: readonly number[]): number[] {
  return [shown[0] ?? 0, shown.at(-1) ?? 0]
}

const TIMES = Array.from({ length: DAY }, (_, minute) => new Date(minute * MINUTE).toISOString().slice(11, 16))

/** Each minute of a date by the rules of the calendar, one by one. */
function workedOn({ weekly, closures, openings }: Calendar, date: number): boolean[] {
  const iso = new Date(date * DAY * MINUTE).toISOString().slice(0, 10)
  const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
  const name = names[new Date(`${iso}T00:00:00Z`).getUTCDay()] ?? 'sun'
  const isIn = ([start, end]: readonly [string, string], time: string) => start <= time && time < end
  const closed = closures.filter((closure) => {
    if ('date' in closure) return closure.date === iso
    for (let day = 0, at = closure.firstDay; day < 400; day++, at = nextDay(at)) {
      if (at === iso.slice(5)) return true
      if (at === closure.lastDay) return false
    }
    return false
  })
  return TIMES.map((time) => {
    if (openings.some((opening) => opening.date === iso && isIn(opening.hours, time))) return true
    if (closed.some(({ hours }) => isIn(hours, time))) return false
    return (weekly[name] ?? []).some((interval) => isIn(interval, time))
  })
}

/** In a leap year, so that every day has its turn. */
function nextDay(day: string): string {
  return new Date(Date.parse(`2024-${day}T00:00:00Z`) + DAY * MINUTE).toISOString().slice(5, 10)
}

function runsOf(minutes: readonly boolean[]): [number, number][] {
  const runs: [number, number][] = []
  for (const [minute, isOpen] of minutes.entries()) {
    const last = runs.at(-1)
    if (!isOpen) continue
    if (last !== undefined && last[1] === minute) last[1] = minute + 1
    else runs.push([minute, minute + 1])
  }
  return runs
}
