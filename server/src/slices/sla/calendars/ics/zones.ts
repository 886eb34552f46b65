/**
 * Time zones that an iCalendar file names. A name of the IANA database means that zone; any other name means the VTIMEZONE
 * of the file, or else the zone that Windows calls so. A zone that nobody knows is refused where a day depends on it.
 */
import ICAL from 'ical.js'
import { findIana } from 'windows-iana'
import { offsetSpans } from '@rejoin/shared/sla/time/zone.ts'
import { isZone } from '@rejoin/shared/zone.ts'
import type { Moment } from './dates.ts'
import { invalid, type WrittenZone } from './lines.ts'

export class Zones {
  readonly #written: ReadonlyMap<string, WrittenZone>
  readonly #read = new Map<string, ICAL.Timezone>()

  constructor(written: readonly WrittenZone[]) {
    this.#written = new Map(written.map((each) => [String(each.tzid?.parsed().getFirstValue() ?? ''), each]))
  }

  /** The day of a moment in UTC by the clock of that zone. `line` is named where nobody knows the zone. */
  dayIn(tzid: string | undefined, { date, time, isUtc }: Moment, line: number): string {
    if (time === null || !isUtc || tzid === undefined) return date
    const at = Date.parse(`${date}T${time.slice(0, 2)}:${time.slice(2, 4)}:00Z`)
    return new Date(at + this.#offsetMs(tzid, at, line)).toISOString().slice(0, 10)
  }

  #offsetMs(tzid: string, at: number, line: number): number {
    const written = this.#written.get(tzid)
    if (written !== undefined && !isZone(tzid)) return this.#writtenOffsetMs(tzid, written, at)
    const name = isZone(tzid) ? tzid : findIana(tzid)[0]
    if (name === undefined || !isZone(name))
      throw invalid(line, `the rule ends at a time of the zone "${tzid.slice(0, 60)}", which is not known`, HINT)
    const [span] = offsetSpans(name, at, at + 1)
    return span?.offsetMs ?? 0
  }

  #writtenOffsetMs(tzid: string, written: WrittenZone, at: number): number {
    const zone = this.#read.get(tzid) ?? zoneOf(written)
    this.#read.set(tzid, zone)
    // The library takes readings of the local clock: near a change, the first answer can be the one of its other side.
    let offsetMs = 0
    for (let round = 0; round < 3; round += 1)
      offsetMs = zone.utcOffset(ICAL.Time.fromJSDate(new Date(at + offsetMs), true)) * 1000
    return offsetMs
  }
}

const HINT = 'Write UNTIL as a day, such as 20271231, or add the VTIMEZONE of the zone to the file.'
const AGAIN = 'Write UNTIL as a day, such as 20271231, or export the calendar again.'

function zoneOf({ line, lines }: WrittenZone): ICAL.Timezone {
  let reason = 'it has no STANDARD or DAYLIGHT with DTSTART, TZOFFSETFROM and TZOFFSETTO'
  try {
    const component = ICAL.Component.fromString(lines.join('\r\n'))
    const parts = [...component.getAllSubcomponents('standard'), ...component.getAllSubcomponents('daylight')]
    // The library counts such a zone as UTC.
    if (parts.some((part) => ['dtstart', 'tzoffsetfrom', 'tzoffsetto'].every((name) => part.hasProperty(name))))
      return new ICAL.Timezone(component)
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error)
  }
  throw invalid(line, `the VTIMEZONE cannot be read: ${reason.replace(/\.$/, '')}`, AGAIN)
}
