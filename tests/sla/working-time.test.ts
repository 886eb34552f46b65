/** Working time: against a simulator that looks at the wall every minute, and laws that hold over years. */
import { describe, expect, it } from 'vitest'
import { ALWAYS_OPEN, Calendar } from '@rejoin/shared/sla/calendar.ts'
import { calendarFault, HORIZON_MS, WorkingTime } from '@rejoin/shared/sla/working-time.ts'
import { randomFrom, type Random } from '../harness/random.ts'
import { ODD_TIMES, randomCalendar } from './oracle/calendars.ts'
import { look, MARGIN_MINUTES, ticks, type Window } from './oracle/wall.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const WINDOW_MINUTES = 9 * 1440
const CALENDARS = 16
const ZONES = Intl.supportedValuesOf('timeZone')

function around(zone: string, at: number): Window {
  return look(zone, at - (WINDOW_MINUTES / 2) * MINUTE, WINDOW_MINUTES)
}

/** Where one calendar and the simulator differ in a window: minute by minute, and in the answers to random questions. */
function differences(window: Window, calendar: Calendar, random: Random): unknown[] {
  const working = new WorkingTime(calendar)
  const open = ticks(window, calendar)
  const at = (index: number) => window.from + index * MINUTE
  const [first, last] = [MARGIN_MINUTES, WINDOW_MINUTES - MARGIN_MINUTES]
  const sliced = open.map(() => false)
  for (const { from, until } of working.slices(at(first), at(last))) {
    for (let index = (from - window.from) / MINUTE; at(index) < until; index++) sliced[index] = true
  }
  const pairs: [what: string, engine: unknown, simulator: unknown][] = [
    ['slices', runs(sliced, first, last), runs(open, first, last)],
  ]
  for (let question = 0; question < 12; question++) {
    const [a = 0, b = 0] = [first, first].map((from) => from + random.below(last - first)).toSorted((x, y) => x - y)
    const worked = open.slice(a, b).filter(Boolean).length
    const target = random.below(worked + 1)
    pairs.push(
      [`open at ${a}`, working.isOpen(at(a)), open[a]],
      [`between ${a} and ${b}`, working.between(at(a), at(b)), worked * MINUTE],
      [`${target} after ${a}`, working.add(at(a), target * MINUTE), at(usedUp(open, a, target))],
    )
  }
  return pairs.filter(([, engine, simulator]) => engine !== simulator)
}

/** The least minute by which `target` minutes were worked. */
function usedUp(open: readonly boolean[], from: number, target: number): number {
  let index = from
  for (let left = target; left > 0; index++) if (open[index] === true) left--
  return index
}

function runs(open: readonly boolean[], first: number, last: number): string {
  const changes: string[] = []
  for (let index = first; index < last; index++) {
    if (index === first || open[index] !== open[index - 1]) changes.push(`${index}${open[index] === true ? '+' : '-'}`)
  }
  return changes.join(' ')
}

describe('agrees with a look at the wall clock every minute', () => {
  it.each(ODD_TIMES)('in %s near %s', (zone, near) => {
    const window = around(zone, Date.parse(near))
    for (let seed = 0; seed < CALENDARS; seed++) {
      const random = randomFrom(seed)
      const calendar = randomCalendar(random, zone, Date.parse(near))
      expect(differences(window, calendar, random), `seed ${seed}: ${JSON.stringify(calendar)}`).toEqual([])
    }
  })

  it('in any zone at any time since 1975', () => {
    for (let seed = 0; seed < 12; seed++) {
      const random = randomFrom(seed)
      const zone = random.pick(ZONES)
      const near = Math.floor(Date.UTC(1975) / DAY + random.below(366 * 75)) * DAY
      const window = around(zone, near)
      for (let count = 0; count < 10; count++) {
        const calendar = randomCalendar(random, zone, near)
        expect(differences(window, calendar, random), `seed ${seed}: ${JSON.stringify(calendar)}`).toEqual([])
      }
    }
  })
})

/** Each with the hours that other engines count. */
it.each([
  [
    'Berlin, Saturday 22:00 to Sunday 02:00',
    'Europe/Berlin',
    '2026-10-24',
    { sat: '22:00-24:00', sun: '00:00-02:00' },
    4,
  ],
  ['Havana, Saturday 16:00 to 24:00', 'America/Havana', '2026-10-31', { sat: '16:00-24:00' }, 8],
  ['Havana, all of Saturday', 'America/Havana', '2026-10-31', { sat: '00:00-24:00' }, 24],
  ['Havana, all of Sunday', 'America/Havana', '2026-10-31', { sun: '00:00-24:00' }, 25],
  ['Havana, both days', 'America/Havana', '2026-10-31', { sat: '00:00-24:00', sun: '00:00-24:00' }, 49],
  ['Lord Howe, until 01:30', 'Australia/Lord_Howe', '2026-04-04', { sun: '00:00-01:30' }, 1.5],
  ['Berlin, an end in the repeated hour', 'Europe/Berlin', '2026-10-24', { sun: '00:00-02:30' }, 3.5],
  ['Berlin, an end after it', 'Europe/Berlin', '2026-10-24', { sun: '00:00-03:00' }, 4],
  ['Berlin, from the time it is set back to', 'Europe/Berlin', '2026-10-24', { sun: '02:00-04:00' }, 3],
  ['Berlin, only the repeated hour', 'Europe/Berlin', '2026-10-24', { sun: '02:00-03:00' }, 2],
  ['Berlin, before a break from then', 'Europe/Berlin', '2026-10-24', { sun: '00:00-02:00 03:00-06:00' }, 5],
  ['Berlin, over the hour that is left out', 'Europe/Berlin', '2026-03-28', { sun: '00:00-03:00' }, 2],
  ['Berlin, until within the hour that is left out', 'Europe/Berlin', '2026-03-28', { sun: '00:00-02:30' }, 2],
  ['Berlin, only the hour that is left out', 'Europe/Berlin', '2026-03-28', { sun: '02:00-03:00 10:00-11:00' }, 1],
])('counts a shift near the time the clock is set back to, or forward: %s', (_, zone, from, week, hours) => {
  const intervals = (days: string) => days.split(' ').map((interval) => interval.split('-'))
  const weekly = Object.fromEntries(Object.entries(week).map(([day, text]) => [day, intervals(text)]))
  const at = Date.parse(`${from}T00:00Z`) - 12 * HOUR
  expect(new WorkingTime(Calendar.parse({ zone, weekly })).between(at, at + 3 * DAY)).toBe(hours * HOUR)
})

it('adds and measures alike over years, to the millisecond', () => {
  for (let seed = 0; seed < 80; seed++) {
    const random = randomFrom(seed)
    const near = Date.UTC(2000 + random.below(60), random.below(12), 1 + random.below(28))
    const working = new WorkingTime(randomCalendar(random, random.pick(ZONES), near))
    for (let question = 0; question < 10; question++) {
      const at = near + random.below(DAY)
      const workMs = 1 + random.below(random.pick([HOUR, 40 * HOUR, 4000 * HOUR]))
      const due = working.add(at, workMs)
      if (due === null) continue
      const middle = at + random.below(due - at)
      const slices = working.slices(at, due)
      expect(
        {
          whole: working.between(at, due),
          allButOne: working.between(at, due - 1),
          halves: working.between(at, middle) + working.between(middle, due),
          slices: slices.reduce((total, { from, until }) => total + until - from, 0),
        },
        `seed ${seed}`,
      ).toEqual({ whole: workMs, allButOne: workMs - 1, halves: workMs, slices: workMs })
    }
  }
})

const utc = (fields: object) => Calendar.parse({ zone: 'UTC', weekly: {}, ...fields })

it('is used up exactly at closing time, not at the next opening', () => {
  const working = new WorkingTime(utc({ weekly: { fri: [['09:00', '17:00']], mon: [['09:00', '17:00']] } }))
  expect(working.add(Date.parse('2026-03-13T15:00Z'), 2 * HOUR)).toBe(Date.parse('2026-03-13T17:00Z'))
  expect(working.isOpen(Date.parse('2026-03-13T17:00Z'))).toBe(false)
  expect(working.nextOpen(Date.parse('2026-03-13T17:00Z'))).toBe(Date.parse('2026-03-16T09:00Z'))
})

it('joins the years without a seam', () => {
  const working = new WorkingTime(ALWAYS_OPEN)
  const [from, until] = [Date.UTC(2024, 5), Date.UTC(2031, 5)]
  expect(working.slices(from, until)).toEqual([{ from, until }])
  expect(working.add(from, until - from)).toBe(until)
})

it('starts and ends with the years it knows, and goes on for centuries within them', () => {
  const working = new WorkingTime(ALWAYS_OPEN)
  expect(working.between(-8.64e15, 8.64e15)).toBe(Date.UTC(2500) - Date.UTC(1900))
  expect(working.add(0, 300 * 365 * DAY)).toBe(300 * 365 * DAY)
  expect(working.add(0, 600 * 365 * DAY)).toBeNull()
  expect([working.add(8.64e15, 1), working.nextOpen(8.64e15), working.isOpen(8.64e15)]).toEqual([null, null, false])
  expect([working.between(5, 5), working.between(5, 4), working.slices(5, 4)]).toEqual([0, 0, []])
})

it('has no end where no work comes for 366 days', () => {
  const at = Date.parse('2026-01-01')
  const one = new WorkingTime(utc({ openings: [{ date: '2027-01-02', hours: ['00:00', '10:00'] }] }))
  expect(one.add(at, HOUR)).toBe(at + HORIZON_MS + HOUR)
  expect(one.add(at - 1, HOUR)).toBeNull()
  expect([one.nextOpen(at), one.nextOpen(at - 1)]).toEqual([at + HORIZON_MS, null])
  expect(one.add(at, 11 * HOUR)).toBeNull()
  expect(new WorkingTime(utc({})).add(at, 1)).toBeNull()
})

it('refuses a calendar without working time in the next 366 days, and says so', () => {
  const at = Date.parse('2026-01-01')
  expect(calendarFault(ALWAYS_OPEN, at)).toBeNull()
  expect(calendarFault(utc({ openings: [{ date: '2026-12-31', hours: ['10:00', '11:00'] }] }), at)).toBeNull()
  expect(calendarFault(utc({ openings: [{ date: '2025-12-31', hours: ['10:00', '11:00'] }] }), at)).toMatch(
    /no working/,
  )
  const shut = { weekly: { mon: [['09:00', '17:00']] }, closures: [{ firstDay: '03-01', lastDay: '02-29' }] }
  expect(calendarFault(utc(shut), at)).toMatch(/no working time in the next 366 days/)
})
