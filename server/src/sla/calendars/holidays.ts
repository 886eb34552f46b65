/**
 * Holidays of an iCalendar file (RFC 5545) as closures: events of whole days. One that recurs every year on the same day
 * is one every year; one that moves, such as Easter, is written out for the three years ahead.
 */
import ICAL from 'ical.js'
import { MAX_CLOSURES, type Calendar } from '@rejoin/shared/sla/calendar.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { dateOf, isoDate, newestOccurrences } from './occurrences.ts'

type Closure = Calendar['closures'][number]

export interface Skipped {
  readonly line: number
  readonly reason: string
}

const YEARS_AHEAD = 3
const MAX_DAYS = 366
const MAX_OCCURRENCES = 1000
const DAY_MS = 86_400_000

/** Throws `Refusal('invalid')` with the line for what is no calendar, or has an event without a date. */
export function holidaysOf(ics: string, now: number): { closures: Closure[]; skipped: Skipped[] } {
  const root = parse(ics)
  const lines = ics.split(/\r\n|\n|\r/)
  const starts = lines.flatMap((text, index) => (/^BEGIN:VEVENT\s*$/i.test(text) ? [index + 1] : []))
  const closures: Closure[] = []
  const skipped: Skipped[] = []
  for (const [index, component] of root.getAllSubcomponents('vevent').entries()) {
    const line = starts[index] ?? 1
    const found = closuresAt(line, component, now)
    if (typeof found === 'string') skipped.push({ line, reason: found })
    else for (const closure of found) closures.push(closure)
    if (closures.length > MAX_CLOSURES) throw tooMany(line)
  }
  return { closures, skipped }
}

function parse(ics: string): ICAL.Component {
  try {
    const root = new ICAL.Component(ICAL.parse(ics) as unknown[])
    if (root.name === 'vcalendar') return root
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw invalid(lineOf(ics, reason), reason, 'Export the calendar anew as an .ics file.')
  }
  throw invalid(1, 'it holds no single VCALENDAR', 'It must begin with BEGIN:VCALENDAR.')
}

/** The library names a line by its text, where it names one. */
function lineOf(ics: string, reason: string): number {
  const text = /"([^"]+)"\s*$/.exec(reason)?.[1]
  const lines = ics.split(/\r\n|\n|\r/)
  const index = text === undefined ? -1 : lines.findIndex((line) => line.includes(text))
  return index < 0 ? lines.length : index + 1
}

function invalid(line: number, reason: string, hint: string): Refusal {
  return new Refusal('invalid', `ics: line ${line}: ${reason}.`, hint)
}

function tooMany(line: number): Refusal {
  const message = `ics: line ${line}: with this event the file closes more than ${MAX_CLOSURES} days.`
  return new Refusal('too-large', message, 'Leave out events that are no holidays, or import fewer years.')
}

/** Or why it is left out. What the library throws is what is wrong with the event. */
function closuresAt(line: number, component: ICAL.Component, now: number): Closure[] | string {
  try {
    const event = new ICAL.Event(component)
    const start = component.getFirstPropertyValue('dtstart')
    if (!(start instanceof ICAL.Time)) throw invalid(line, 'the event has no DTSTART', 'Give it a date.')
    return start.isDate ? closuresOf(event, now) : `${summaryOf(event) || 'It'} is not of whole days.`
  } catch (error) {
    if (error instanceof Refusal) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw invalid(line, reason, 'Give the event dates and a rule as of RFC 5545, or leave it out.')
  }
}

function closuresOf(event: ICAL.Event, now: number): Closure[] {
  const days = Math.min(MAX_DAYS, Math.max(1, Math.round(event.duration.toSeconds() / 86_400)))
  const summary = summaryOf(event).slice(0, 200)
  const name = summary === '' ? {} : { name: summary }
  const hours: Closure['hours'] = ['00:00', '24:00']
  if (recursOnTheDay(event)) {
    const first = dateOf(event.startDate)
    return [{ firstDay: first.slice(5), lastDay: dayAfter(first, days - 1).slice(5), hours, ...name }]
  }
  return startsOf(event, now).flatMap((start) =>
    Array.from({ length: days }, (_, day) => ({ date: dayAfter(start, day), hours, ...name })),
  )
}

function recursOnTheDay(event: ICAL.Event): boolean {
  const rule = event.component.getFirstPropertyValue('rrule')
  if (!(rule instanceof ICAL.Recur)) return false
  const { freq, interval, count, until, parts } = rule
  return freq === 'YEARLY' && interval === 1 && count === null && until === null && !('BYDAY' in parts)
}

function startsOf(event: ICAL.Event, now: number): string[] {
  if (!event.isRecurring()) return [dateOf(event.startDate)]
  const last = new Date(now + YEARS_AHEAD * 366 * DAY_MS).toISOString().slice(0, 10)
  return newestOccurrences(event, last, MAX_OCCURRENCES)
}

/** Its type has no null, but an event without a SUMMARY has. */
function summaryOf(event: ICAL.Event): string {
  const summary = event.summary as string | null
  return summary?.trim() ?? ''
}

function dayAfter(date: string, days: number): string {
  return isoDate(Date.parse(date) + days * DAY_MS)
}
