/** One event of an iCalendar file as the whole days that it lasts, or the reason why it has none. */
import ICAL from 'ical.js'
import { composed, withoutHidden } from '@rejoin/shared/names.ts'
import { dayNamed, daysBetween, EARLIEST_YEAR, isMidnight, momentIn, type Moment } from './dates.ts'
import { all, invalid, only, texts, type Event, type Property } from './lines.ts'

export interface WholeDays {
  readonly start: string
  readonly days: number
  readonly zone: string | undefined
}

/** What an event says of itself, whether it is of whole days or not. */
export interface Described {
  readonly event: Event
  readonly uid: string | null
  readonly name: string
  /** Those of the event, and the first line of its description: there Google says "Public holiday" or "Observance". */
  readonly categories: readonly string[]
  readonly sequence: number
  readonly isCancelled: boolean
  /** Which occurrence of the same uid it stands for. */
  readonly replaces: { readonly property: Property; readonly moment: Moment } | null
}

const MAX_DAYS = 366
const MAX_NAME = 200
/** What each day of an answer repeats is bounded. */
const MAX_UID = 500
const MAX_CATEGORIES = 10
const MAX_CATEGORY = 100

export function describe(event: Event): Described {
  const [name = ''] = texts(event, 'summary')
  const [description = ''] = texts(event, 'description')
  const [firstLine = ''] = description.trim().split('\n')
  const categories = [...texts(event, 'categories'), firstLine].map((text) => shown(text, MAX_CATEGORY))
  const property = only(event, 'recurrence-id')
  return {
    event,
    uid: uidOf(event),
    name: shown(name, MAX_NAME),
    categories: [...new Set(categories.filter((category) => category !== ''))].slice(-MAX_CATEGORIES),
    sequence: Number.parseInt(only(event, 'sequence')?.text ?? '0', 10) || 0,
    isCancelled: only(event, 'status')?.text.toUpperCase() === 'CANCELLED',
    replaces: property === undefined ? null : replaced(property),
  }
}

/** Characters that nobody sees are left out: they have no place in a name, and in no list of days on a terminal. */
function shown(text: string, max: number): string {
  return composed(
    withoutHidden(text)
      .trim()
      .slice(0, max)
      .replace(/[\uD800-\uDBFF]$/, ''),
  ).trim()
}

function uidOf(event: Event): string | null {
  const property = only(event, 'uid')
  if (property === undefined || property.text === '') return null
  if (property.text.length <= MAX_UID) return property.text
  const reason = `UID has ${property.text.length} characters; the limit is ${MAX_UID}`
  throw invalid(property.line, reason, 'Give the event a shorter one.')
}

function replaced(property: Property): NonNullable<Described['replaces']> {
  if (property.parameter('range') !== undefined)
    throw invalid(
      property.line,
      'RANGE moves all later days, which is not supported',
      'Export the series as two events.',
    )
  return { property, moment: momentIn(property) }
}

/** Throws for what changes the days of an event and is not supported: without it, other days would be closed. */
export function mustBeKnown(event: Event): void {
  const [exrule] = all(event, 'exrule')
  if (exrule !== undefined)
    throw invalid(exrule.line, 'EXRULE is not supported: RFC 5545 has removed it', 'List the days as EXDATE instead.')
  const [rule] = all(event, 'rrule')
  if (rule !== undefined && all(event, 'recurrence-id').length > 0)
    throw invalid(rule.line, 'the event has RECURRENCE-ID and RRULE', 'Remove RRULE: it replaces a single day.')
}

/** Null where it begins or ends within a day. */
export function wholeDaysOf(event: Event): WholeDays | null {
  const property = only(event, 'dtstart')
  if (property === undefined) throw invalid(event.line, 'the event has no DTSTART', 'Give it a date.')
  const recurs = all(event, 'rrule').length > 0
  const start = momentIn(property, recurs ? EARLIEST_YEAR : undefined)
  const days = isMidnight(start) ? lengthOf(event, start) : null
  if (days === null) return null
  return { start: start.date, days, zone: property.parameter('tzid') }
}

function lengthOf(event: Event, start: Moment): number | null {
  const [end, duration] = [only(event, 'dtend'), only(event, 'duration')]
  if (end !== undefined && duration !== undefined)
    throw invalid(duration.line, 'the event has DTEND and DURATION', 'Remove one of them.')
  const length = end === undefined ? durationOf(duration, start) : untilEnd(end, start)
  const { line } = end ?? duration ?? event
  if (length !== null && length < 1) throw invalid(line, 'the event ends before it begins', 'Correct DTEND.')
  if (length !== null && length > MAX_DAYS)
    throw invalid(line, `the event lasts ${length} days; the limit is ${MAX_DAYS}`, 'Leave it out, or end it earlier.')
  return length
}

function untilEnd(property: Property, start: Moment): number | null {
  const end = momentIn(property)
  if (!isMidnight(end)) return null
  const days = daysBetween(start.date, end.date)
  // Some programs name the day itself as its end.
  if (days === 0) return start.time === null ? 1 : null
  return days
}

/** Without an end a date is a day, and a time is none. */
function durationOf(property: Property | undefined, start: Moment): number | null {
  if (property === undefined) return start.time === null ? 1 : null
  const value = property.parsed().getFirstValue()
  if (!(value instanceof ICAL.Duration))
    throw invalid(property.line, 'DURATION is not a duration', 'Write a duration such as P1D.')
  const days = value.toSeconds() / 86_400
  return days > 0 && !Number.isInteger(days) ? null : days
}

/** The days that EXDATE or RDATE names. */
export function namedDays(event: Event, name: 'exdate' | 'rdate'): string[] {
  return all(event, name).flatMap((property) => {
    if (property.text.includes('/'))
      throw invalid(property.line, 'RDATE is a period, which is not supported', 'Write days, such as 20271231.')
    return property.text.split(',').map((text) => dayNamed(property, momentIn({ ...property, text: text.trim() })))
  })
}
