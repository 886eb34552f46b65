/**
 * The events of an iCalendar file (RFC 5545) as properties with the line each begins on, so that a refusal can name it.
 * `ical.js` reads each property; its meaning is not known here.
 */
import ICAL from 'ical.js'
import { Refusal } from '@rejoin/shared/errors.ts'

export interface Property {
  /** In small letters. */
  readonly name: string
  readonly line: number
  /** After the colon, as it stands in the file: `ical.js` makes 20270303 of 20270231. */
  readonly text: string
  /** Throws with the library's message when the property is malformed. */
  parsed(): ICAL.Property
  parameter(name: string): string | undefined
}

/** A VTIMEZONE: the line of its BEGIN, its lines, and the property that names it. */
export interface WrittenZone {
  readonly line: number
  readonly lines: string[]
  tzid?: Property
}

export interface Event {
  /** The line of its BEGIN:VEVENT. */
  readonly line: number
  readonly properties: readonly Property[]
}

export function invalid(line: number, reason: string, hint: string): Refusal {
  return new Refusal('invalid', `ics: line ${line}: ${reason}.`, hint)
}

/**
 * Throws `Refusal('invalid')` with the line if the file is no calendar, cancels the events of another one, or does not
 * count days by the Gregorian calendar.
 */
export function partsOf(ics: string): { events: Event[]; zones: WrittenZone[] } {
  const events: { line: number; properties: Property[] }[] = []
  const zones: WrittenZone[] = []
  const open: string[] = []
  let last = 1
  for (const { line, text } of unfolded(ics)) {
    const property = propertyOf(line, text)
    const { name } = property
    const inside = open.join(' ')
    last = line
    if (inside === '' && text.toUpperCase() !== 'BEGIN:VCALENDAR')
      throw invalid(line, 'the file has no VCALENDAR', 'It must begin with BEGIN:VCALENDAR.')
    if (name === 'begin') open.push(property.text.toUpperCase())
    else if (name === 'end' && open.pop() !== property.text.toUpperCase())
      throw invalid(line, `${text} has no BEGIN before it`, ANEW)
    else if (inside === 'VCALENDAR VEVENT') events.at(-1)?.properties.push(property)
    else if (inside === 'VCALENDAR') mustBeUsual(property)
    const now = open.join(' ')
    if (name === 'begin' && now === 'VCALENDAR VEVENT') events.push({ line, properties: [] })
    if (name === 'begin' && now === 'VCALENDAR VTIMEZONE') zones.push({ line, lines: [] })
    const zone = `${inside} `.startsWith(OF_ZONE) || `${now} `.startsWith(OF_ZONE) ? zones.at(-1) : undefined
    zone?.lines.push(text)
    if (zone !== undefined && inside === 'VCALENDAR VTIMEZONE' && name === 'tzid') zone.tzid ??= property
  }
  if (open.length > 0) throw invalid(last, `the file ends before END:${open.at(-1)}`, ANEW)
  return { events, zones }
}

const OF_ZONE = 'VCALENDAR VTIMEZONE '

function mustBeUsual({ name, line, text }: Property): void {
  if (name === 'method' && text.toUpperCase() === 'CANCEL')
    throw invalid(line, 'the file cancels events', 'Remove their closures from the calendar by hand.')
  if (name === 'calscale' && text.toUpperCase() !== 'GREGORIAN')
    throw invalid(
      line,
      `CALSCALE is "${text.slice(0, 40)}", which is not supported`,
      'Export the calendar as GREGORIAN.',
    )
}

const ANEW = 'Export the calendar again as an .ics file.'

/** A line that begins with a space or tab goes on with the one before it. */
function unfolded(ics: string): { line: number; text: string }[] {
  const lines: { line: number; text: string }[] = []
  for (const [index, text] of ics
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const before = lines.at(-1)
    if (before !== undefined && /^[ \t]/.test(text)) before.text += text.slice(1)
    else if (text.trim() !== '') lines.push({ line: index + 1, text: text.trimEnd() })
  }
  if (lines.length === 0) throw invalid(1, 'the file has no VCALENDAR', 'It must begin with BEGIN:VCALENDAR.')
  return lines
}

function propertyOf(line: number, whole: string): Property {
  const [, name = '', text = ''] = /^([\w-]+)(?:;(?:[^":]|"[^"]*")*)?:(.*)$/s.exec(whole) ?? []
  if (name === '') throw invalid(line, `"${whole.slice(0, 40)}" is not a property with a value`, ANEW)
  return {
    name: name.toLowerCase(),
    line,
    text: text.trim(),
    parsed: () => parsed(line, whole, (property) => void property.getValues()),
    parameter(wanted) {
      const [value] = [parsed(line, whole, () => undefined).getParameter(wanted) ?? []].flat()
      return value === '' ? undefined : value
    },
  }
}

function parsed(line: number, whole: string, look: (property: ICAL.Property) => void): ICAL.Property {
  try {
    const property = ICAL.Property.fromString(whole)
    look(property)
    return property
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw invalid(line, reason.replace(/\.$/, ''), 'Write it as RFC 5545 requires, or leave the event out.')
  }
}

export function all({ properties }: Event, name: string): Property[] {
  return properties.filter((property) => property.name === name)
}

/** The event's property of that name. Throws where there are two. */
export function only(event: Event, name: string): Property | undefined {
  const [first, second] = all(event, name)
  if (second !== undefined)
    throw invalid(second.line, `the event has a second ${name.toUpperCase()}`, 'Remove one of them.')
  return first
}

/** The values of all properties of that name, as text. */
export function texts(event: Event, name: string): string[] {
  return all(event, name).flatMap((property) => property.parsed().getValues().map(String))
}
