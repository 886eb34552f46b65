/**
 * The days on which an event of an iCalendar file occurs: the newest until a last day. The library walks from the start
 * of a rule alone, so a rule by days or weeks that began long ago is walked from a later start of the same rhythm.
 */
import ICAL from 'ical.js'

const DAY_MS = 86_400_000

/** The newest `most` of them in their order, as dates. */
export function newestOccurrences(event: ICAL.Event, last: string, most: number): string[] {
  const stepDays = stepOf(event) ?? Number.NaN
  // A step more, since the library takes any start for an occurrence. A rule that leaves out days is walked as a whole.
  const later = laterStart(event.startDate, stepDays, Date.parse(last) - (most + 1) * stepDays * DAY_MS)
  const days = later === null ? [] : walk(event, later, last).slice(1)
  return days.length >= most ? days.slice(-most) : walk(event, event.startDate, last).slice(-most)
}

/** The days after which the rule begins anew; null where months, or what came before, decide. */
function stepOf({ component }: ICAL.Event): number | null {
  const [rule, ...others] = component.getAllProperties('rrule').map((property) => property.getFirstValue())
  if (!(rule instanceof ICAL.Recur) || others.length > 0 || component.hasProperty('rdate')) return null
  if (rule.count !== null || 'BYSETPOS' in rule.parts || 'BYWEEKNO' in rule.parts || !(rule.interval >= 1)) return null
  if (rule.freq === 'DAILY') return rule.interval
  return rule.freq === 'WEEKLY' ? 7 * rule.interval : null
}

/** The start moved on by whole steps, to `at` or before; null where that is no later than it was. */
function laterStart(start: ICAL.Time, stepDays: number, at: number): ICAL.Time | null {
  const steps = Math.floor((at - Date.parse(dateOf(start))) / (stepDays * DAY_MS))
  if (!(steps >= 1)) return null
  const later = start.clone()
  later.adjust(steps * stepDays, 0, 0, 0)
  return later
}

function walk(event: ICAL.Event, start: ICAL.Time, last: string): string[] {
  const iterator = event.iterator(start)
  const days: string[] = []
  for (let next = iterator.next() as ICAL.Time | null | undefined; next != null && dateOf(next) <= last;) {
    days.push(dateOf(next))
    next = iterator.next() as ICAL.Time | null | undefined
  }
  return days
}

export function dateOf({ year, month, day }: ICAL.Time): string {
  return isoDate(Date.UTC(year, month - 1, day))
}

/** Throws for what a calendar could not hold. */
export function isoDate(at: number): string {
  const text = Number.isNaN(at) ? '' : new Date(at).toISOString()
  if (!/^\d{4}-/.test(text)) throw new Error('a date is none, or not within the years 0 to 9999')
  return text.slice(0, 10)
}
