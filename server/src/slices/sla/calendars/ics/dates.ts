/** Dates of an iCalendar file, taken literally: a day that no calendar has is refused, never another one. */
import { invalid, type Property } from './lines.ts'

const DAY_MS = 86_400_000
/** Outside these years nothing is worked. */
const [FIRST_YEAR, LAST_YEAR] = [1900, 2499]
/** Of rules: Outlook begins those without a beginning in 1601. */
export const EARLIEST_YEAR = 1600

export interface Moment {
  readonly date: string
  /** `HHMMSS`; null for a whole day. */
  readonly time: string | null
  readonly isUtc: boolean
}

/** The dates of a property, apart by commas. Also without VALUE=DATE, and as Google writes them, with a Z. */
function momentsOf(property: Property, firstYear = FIRST_YEAR): Moment[] {
  return property.text.split(',').map((text) => momentOf(property, text.trim(), firstYear))
}

/** Throws where it has more than one. */
export function momentIn(property: Property, firstYear?: number): Moment {
  const [moment, another] = momentsOf(property, firstYear)
  if (moment === undefined || another !== undefined)
    throw invalid(property.line, `${property.name.toUpperCase()} must be one date`, HINT)
  return moment
}

export function momentOf({ line, name }: Pick<Property, 'line' | 'name'>, text: string, firstYear: number): Moment {
  const [, year = '', month = '', day = '', time = null, zulu] =
    /^(\d{4})(\d\d)(\d\d)(?:T(\d{6}))?(Z?)$/i.exec(text) ?? []
  const date = `${year}-${month}-${day}`
  if (year === '' || !isDate(date) || (time !== null && !/^(?:[01]\d|2[0-3])[0-5]\d[0-6]\d$/.test(time)))
    throw invalid(line, `${name.toUpperCase()} is "${text.slice(0, 40)}", which is not a date`, HINT)
  if (Number(year) < firstYear || Number(year) > LAST_YEAR)
    throw invalid(line, `${name.toUpperCase()} is outside the years ${firstYear} to ${LAST_YEAR}`, HINT)
  return { date, time, isUtc: time !== null && zulu !== '' }
}

const HINT = 'Write a date such as 20271231.'

function isDate(date: string): boolean {
  const at = Date.parse(`${date}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date)
}

/** Whether a whole day begins with it, in the event's own time zone. */
export function isMidnight({ time, isUtc }: Moment): boolean {
  return time === null || (time === '000000' && !isUtc)
}

/** The day that the event excludes, adds or replaces. Throws for a time within it. */
export function dayNamed({ line, name }: Property, moment: Moment): string {
  if (isMidnight(moment) || moment.time === '000000') return moment.date
  const reason = `${name.toUpperCase()} has a time, but the event has whole days`
  throw invalid(line, reason, 'Write the day only, such as 20271231.')
}

function dayAfter(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10)
}

export function daysFrom(date: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => dayAfter(date, index))
}

/** From one date to another, which is not counted. */
export function daysBetween(from: string, until: string): number {
  return (Date.parse(until) - Date.parse(from)) / DAY_MS
}
