/**
 * Rules by which an event of whole days recurs. `ical.js` checks a rule, `rrule` writes out its days: it agrees with
 * dateutil day by day, while `ical.js` has a yearly 29 February on 1 March.
 */
// oxlint-disable-next-line import/default -- CommonJS, of which Node sees the default alone
import rrule from 'rrule'
import { EARLIEST_YEAR, momentOf, type Moment } from './dates.ts'
import { invalid, type Property } from './lines.ts'

// oxlint-disable-next-line import/no-named-as-default-member -- see above
const { RRule } = rrule

export interface Rule {
  readonly line: number
  /** By their names in capital letters, but UNTIL. */
  readonly parts: ReadonlyMap<string, string>
  /** The last day; null where it has no such end. */
  readonly until: string | null
}

export interface Window {
  readonly from: string
  readonly until: string
}

const KNOWN = /^(?:FREQ|INTERVAL|COUNT|WKST|BYDAY|BYMONTH|BYMONTHDAY|BYYEARDAY|BYWEEKNO|BYSETPOS)$/
const HINT = 'Write the rule as RFC 5545 requires, or leave the event out.'

/**
 * `dayOf`: the day of a moment by the clock of the start. Throws `Refusal('invalid')` for a rule that says nothing, or
 * nothing of whole days.
 */
export function ruleOf(property: Property, dayOf: (moment: Moment, line: number) => string): Rule {
  const { line, text } = property
  const parts = new Map<string, string>()
  for (const part of text
    .toUpperCase()
    .split(';')
    .filter((each) => each !== '')) {
    const [name = '', value = ''] = part.split('=')
    if (parts.has(name)) throw invalid(line, `the rule has two ${name}`, HINT)
    if (value === '' || !(KNOWN.test(name) || name === 'UNTIL'))
      throw invalid(line, `a rule for whole days cannot have "${part.slice(0, 40)}"`, HINT)
    parts.set(name, value)
  }
  if (!/^(?:DAILY|WEEKLY|MONTHLY|YEARLY)$/.test(parts.get('FREQ') ?? ''))
    throw invalid(line, 'a rule for whole days must be DAILY, WEEKLY, MONTHLY or YEARLY', HINT)
  for (const name of ['INTERVAL', 'COUNT'])
    if (!/^0*[1-9]\d{0,8}$/.test(parts.get(name) ?? '1')) throw invalid(line, `${name} must be 1 or more`, HINT)
  mustBeNumbers(line, parts)
  property.parsed()
  mustFit(line, parts)
  const end = parts.get('UNTIL')
  if (end !== undefined && parts.has('COUNT')) throw invalid(line, 'a rule can have COUNT or UNTIL, not both', HINT)
  parts.delete('UNTIL')
  const until = end === undefined ? null : dayOf(momentOf({ line, name: 'UNTIL' }, end, EARLIEST_YEAR), line)
  return { line, parts, until }
}

/** The greatest number of each; all but months are counted from the end, too. */
const GREATEST = { BYMONTH: 12, BYMONTHDAY: 31, BYYEARDAY: 366, BYWEEKNO: 53, BYSETPOS: 366 } as const

function mustBeNumbers(line: number, parts: ReadonlyMap<string, string>): void {
  for (const [name, greatest] of Object.entries(GREATEST)) {
    const form = name === 'BYMONTH' ? /^\d{1,3}$/ : /^[+-]?\d{1,3}$/
    const isGood = (value: string) => form.test(value) && Number(value) !== 0 && Math.abs(Number(value)) <= greatest
    const wrong = parts
      .get(name)
      ?.split(',')
      .find((value) => !isGood(value))
    if (wrong === undefined) continue
    const range = name === 'BYMONTH' ? `1 to ${greatest}` : `1 to ${greatest}, or -1 to -${greatest}`
    throw invalid(line, `${name} has "${wrong.slice(0, 40)}", which is not a number from ${range}`, HINT)
  }
  const days = parts.get('BYDAY')?.split(',') ?? []
  const day = days.find((each) => !/^(?:[+-]?(?:0?[1-9]|[1-4]\d|5[0-3]))?(?:MO|TU|WE|TH|FR|SA|SU)$/.test(each))
  if (day !== undefined)
    throw invalid(line, `BYDAY has "${day.slice(0, 40)}", which is not a weekday such as MO or 2MO`, HINT)
  const week = parts.get('WKST') ?? 'MO'
  if (!/^(?:MO|TU|WE|TH|FR|SA|SU)$/.test(week))
    throw invalid(line, `WKST is "${week.slice(0, 40)}", which is not a weekday such as MO`, HINT)
}

/** RFC 5545 gives a meaning to these only. */
function mustFit(line: number, parts: ReadonlyMap<string, string>): void {
  const freq = parts.get('FREQ') ?? ''
  const refuse = (name: string) => invalid(line, `${name} has no meaning in a ${freq} rule`, HINT)
  if (parts.has('BYWEEKNO') && freq !== 'YEARLY') throw refuse('BYWEEKNO')
  if (parts.has('BYYEARDAY') && freq !== 'YEARLY') throw refuse('BYYEARDAY')
  if (parts.has('BYMONTHDAY') && freq === 'WEEKLY') throw refuse('BYMONTHDAY')
  const days = (parts.get('BYDAY') ?? '').split(',').filter((day) => day !== '')
  const counted = days.filter((day) => /^[+-]?\d/.test(day))
  if (counted.length > 0 && (!['MONTHLY', 'YEARLY'].includes(freq) || parts.has('BYWEEKNO')))
    throw refuse(`BYDAY=${counted[0]}`)
  // `rrule` takes the days that are both.
  if (counted.length > 0 && counted.length < days.length)
    throw invalid(line, 'BYDAY mixes weekdays with and without a number', 'Write two rules, or two events.')
}

/** Its days within the window. `start` must be its first day, where that matters. */
export function daysOf({ line, parts, until }: Rule, start: string, window: Window): string[] {
  const text = [...parts].map(([name, value]) => `${name}=${value}`).join(';')
  const rule = new RRule({ ...RRule.parseString(text), dtstart: atMidnight(start) })
  const last = until !== null && until < window.until ? until : window.until
  const days = rule.between(atMidnight(window.from), atMidnight(last), true).map((at) => at.toISOString().slice(0, 10))
  // RFC 5545 leaves open whether such a start counts.
  if (
    (parts.has('COUNT') || start >= window.from) &&
    start <= last &&
    rule.after(atMidnight(start), true)?.getTime() !== Date.parse(start)
  )
    throw invalid(
      line,
      `the rule does not include the start of the event, ${start}`,
      'Start the event on a day of its rule.',
    )
  return [...new Set(days)]
}

function atMidnight(date: string): Date {
  return new Date(date)
}

/** Whether it means: every year on the day of the start, for ever. */
export function isBareYearly({ parts, until }: Rule, start: string): boolean {
  const [, month, day] = start.split('-').map(Number)
  const means = (name: string, value: number | undefined) => Number(parts.get(name) ?? value) === value
  const isOther = [...parts.keys()].some(
    (name) => !['FREQ', 'INTERVAL', 'WKST', 'BYMONTH', 'BYMONTHDAY'].includes(name),
  )
  if (isOther || until !== null || parts.get('FREQ') !== 'YEARLY' || !means('INTERVAL', 1)) return false
  return means('BYMONTH', month) && means('BYMONTHDAY', day) && (parts.has('BYMONTH') || !parts.has('BYMONTHDAY'))
}
