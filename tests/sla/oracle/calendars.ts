/** Random calendars, with all that a calendar can have, and times at which something is odd about a zone. */
import { Calendar, Weekday } from '@rejoin/shared/sla/calendar.ts'
import type { Random } from '../../harness/random.ts'

/** Zones with an instant near which their clocks are set, skip a day, or do it at midnight or by half an hour. */
export const ODD_TIMES: readonly (readonly [zone: string, near: string])[] = [
  ['America/New_York', '2026-03-08'],
  ['America/New_York', '2026-11-01'],
  ['Europe/Berlin', '2026-03-29'],
  ['Europe/Berlin', '2026-10-25'],
  ['Australia/Lord_Howe', '2026-04-05'],
  ['Australia/Lord_Howe', '2026-10-04'],
  ['Asia/Kathmandu', '1986-01-01'],
  ['Pacific/Apia', '2011-12-30'],
  ['Pacific/Kwajalein', '1993-08-21'],
  ['Africa/Cairo', '2026-04-24'],
  ['Africa/Cairo', '2026-10-30'],
  ['Africa/Casablanca', '2026-02-15'],
  ['Africa/Casablanca', '2026-03-22'],
  ['America/Havana', '2026-03-08'],
  ['America/Havana', '2026-11-01'],
  ['America/Sao_Paulo', '2018-11-04'],
  ['America/Sao_Paulo', '2018-02-18'],
  ['America/St_Johns', '2006-10-29'],
  ['America/Caracas', '2007-12-09'],
  ['Asia/Dhaka', '2009-12-31'],
  ['Asia/Pyongyang', '2018-05-05'],
  ['Antarctica/Troll', '2026-03-29'],
  ['Antarctica/Troll', '2026-10-25'],
  ['Pacific/Chatham', '2026-09-27'],
  ['Asia/Riyadh', '2027-01-01'],
  ['UTC', '2028-02-29'],
]

/** Around the date `near`, so that what it says of single dates falls into a window there. */
export function randomCalendar(random: Random, zone: string, near: number): Calendar {
  const { below, pick, next } = random
  const day = () => new Date(near + (below(9) - 4) * 86_400_000).toISOString().slice(0, 10)
  const hours = () => interval(random)
  const some = <Item>(most: number, make: () => Item) => Array.from({ length: below(most + 1) }, make)
  const week = Weekday.options.map((name) => [name, next() < 0.25 ? [] : some(3, hours)])
  const isAllDay = next() < 0.2
  const always = Weekday.options.map((name) => [name, [['00:00', '24:00']]])
  const part = () => (next() < 0.5 ? {} : { hours: hours() })
  const closure = () =>
    next() < 0.6 ? { date: day(), ...part() } : { firstDay: day().slice(5), lastDay: day().slice(5), ...part() }
  return Calendar.parse({
    zone,
    weekly: Object.fromEntries(isAllDay ? always : week),
    closures: some(3, closure),
    openings: some(2, () => ({ date: day(), hours: pick([hours(), ['00:00', '24:00']]) })),
  })
}

/** Often near midnight and at the hours at which clocks are set. */
function interval({ below, pick }: Random): [string, string] {
  const times = [0, 1, 30, 60, 90, 120, 150, 180, 1380, 1410, 1440]
  const time = () => (below(2) === 0 ? pick(times) : below(97) * 15)
  const [start, end] = [time(), time()].toSorted((a, b) => a - b)
  if (start === undefined || end === undefined || start === end) return ['09:00', '17:00']
  return [text(start), text(end)]
}

function text(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}
