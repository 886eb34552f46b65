/**
 * Holidays of an iCalendar file (RFC 5545) as closures: events of whole days. A bare yearly rule that has begun is kept
 * as one; every other rule is written out from last year until the end of the fifth year after this one.
 */
import { MAX_CLOSURES, type Calendar } from '@rejoin/shared/sla/calendar.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { dayNamed, daysFrom, type Moment } from './ics/dates.ts'
import { all, partsOf } from './ics/lines.ts'
import { daysOf, isBareYearly, ruleOf, type Window } from './ics/rule.ts'
import { describe, mustBeKnown, namedDays, wholeDaysOf, type Described, type WholeDays } from './ics/whole-days.ts'
import { Zones } from './ics/zones.ts'
import { Leaving, type LeaveOut } from './leave-out.ts'

type Closure = Calendar['closures'][number]

/** A day that the file closes. */
export interface Holiday {
  readonly line: number
  readonly uid: string | null
  readonly categories: readonly string[]
  readonly closure: Closure
}

export interface Skipped {
  readonly line: number
  readonly reason: string
}

export interface Holidays {
  readonly holidays: readonly Holiday[]
  readonly skipped: readonly Skipped[]
  /** The last day for which rules are written out; null where none is. */
  readonly writtenOutUntil: string | null
}

const YEARS_AHEAD = 5

/** Throws `Refusal` with the line if the file is no calendar, is ambiguous, or has days that no calendar could hold. */
export function holidaysOf(ics: string, now: number, leaveOut: LeaveOut): Holidays {
  const leaving = new Leaving(leaveOut)
  const parts = partsOf(ics)
  const [events, zones] = [parts.events.map(describe), new Zones(parts.zones)]
  const holidays: Holiday[] = []
  const skipped: Skipped[] = []
  let isWrittenOut = false
  for (const described of events) {
    const { line } = described.event
    const found = leaving.takes(described) ? 'Left out on request' : closed(described, events, { now, leaving, zones })
    if (typeof found === 'string') skipped.push({ line, reason: `${described.name || 'An event'}: ${found}.` })
    else {
      isWrittenOut ||= found.isWrittenOut
      const { uid, categories } = described
      for (const closure of found.closures) holidays.push({ line, uid, categories, closure })
    }
    if (holidays.length > MAX_CLOSURES) throw tooMany(line)
  }
  leaving.mustBeUsed()
  return { holidays, skipped, writtenOutUntil: isWrittenOut ? windowAt(now).until : null }
}

function tooMany(line: number): Refusal {
  const message = `ics: line ${line}: with this event the file closes more than ${MAX_CLOSURES} days.`
  return new Refusal('too-large', message, 'Leave out events that are not holidays, or import fewer years.')
}

function windowAt(now: number): Window {
  const year = new Date(now).getUTCFullYear()
  return { from: `${year - 1}-01-01`, until: `${year + YEARS_AHEAD}-12-31` }
}

interface Asked {
  readonly now: number
  readonly leaving: Leaving
  readonly zones: Zones
}

/** The closures of an event, or why it closes nothing. */
function closed(
  described: Described,
  events: readonly Described[],
  asked: Asked,
): { closures: Closure[]; isWrittenOut: boolean } | string {
  const days = wholeDaysOf(described.event)
  if (days === null) return 'The event is not a whole-day event'
  const others = described.uid === null ? [] : events.filter(({ uid }) => uid === described.uid)
  if (others.some((other) => isNewer(other, described))) return 'The file has a later version of this event'
  if (described.isCancelled || (described.replaces !== null && isCancelled(others))) return 'The event is cancelled'
  mustBeKnown(described.event)
  const exceptions = others.filter(({ replaces }) => replaces !== null)
  const left = closuresOf(described, { days, exceptions }, asked)
  return left.closures.length > 0
    ? left
    : `The event has no day to close${left.isWrittenOut ? `, ${spanAt(asked.now)}` : ''}`
}

/** Whether the newest version of the series is cancelled. */
function isCancelled(events: readonly Described[]): boolean {
  const series = events.filter(({ replaces }) => replaces === null)
  const newest = Math.max(...series.map(({ sequence }) => sequence))
  const versions = series.filter(({ sequence }) => sequence === newest)
  return versions.length > 0 && versions.every((each) => each.isCancelled)
}

function spanAt(now: number): string {
  const { from, until } = windowAt(now)
  return `${from} to ${until}`
}

function isNewer(other: Described, { replaces, sequence }: Described): boolean {
  return other.sequence > sequence && other.replaces?.moment.date === replaces?.moment.date
}

function closuresOf(
  { event, name, replaces }: Described,
  { days, exceptions }: { days: WholeDays; exceptions: readonly Described[] },
  { now, leaving, zones }: Asked,
): { closures: Closure[]; isWrittenOut: boolean } {
  const rest = { hours: ['00:00', '24:00'] satisfies Closure['hours'], ...(name !== '' && { name }) }
  const dayOf = (moment: Moment, line: number) => zones.dayIn(days.zone, moment, line)
  const rules = all(event, 'rrule').map((property) => ruleOf(property, dayOf))
  const added = namedDays(event, 'rdate')
  const removed = new Set(namedDays(event, 'exdate'))
  if (replaces === null)
    for (const { replaces: each } of exceptions) if (each) removed.add(dayNamed(each.property, each.moment))
  const [rule, ...more] = rules
  const isBare = rule !== undefined && more.length === 0 && added.length === 0 && removed.size === 0
  if (isBare && days.start <= today(now) && isBareYearly(rule, days.start)) {
    const yearly = daysOfYear(days)
    if (yearly !== null && !leaving.namesYearOf(yearly)) {
      const kept = yearly.filter((day) => !leaving.takesDay(day))
      return { closures: kept.map((day) => ({ firstDay: day, lastDay: day, ...rest })), isWrittenOut: false }
    }
  }
  const starts = new Set(rule === undefined ? [days.start] : [])
  for (const each of rules) for (const day of daysOf(each, days.start, windowAt(now))) starts.add(day)
  for (const day of added) starts.add(day)
  const dates = new Set([...starts].filter((day) => !removed.has(day)).flatMap((day) => daysFrom(day, days.days)))
  const kept = [...dates].toSorted().filter((date) => !leaving.takesDay(date))
  return { closures: kept.map((date) => ({ date, ...rest })), isWrittenOut: rule !== undefined }
}

function today(now: number): string {
  return new Date(now).toISOString().slice(0, 10)
}

/** The days such as 12-24 of an event; null where they are others in a leap year. */
function daysOfYear({ start, days }: WholeDays): string[] | null {
  const day = start.slice(5)
  if (day === '02-29') return days === 1 ? [day] : null
  const [usual, leap] = [2023, 2024].map((year) => daysFrom(`${year}-${day}`, days).map((date) => date.slice(5)))
  return usual !== undefined && String(usual) === String(leap) ? usual : null
}
