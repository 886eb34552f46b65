/** `rejoin sla holidays`: takes an iCalendar file into a calendar, or says what it would close. */
import { describeIssues, Refusal } from '@rejoin/shared/errors.ts'
import type { Commits } from '../../../core/commit/commit.ts'
import type { Read } from '../../../core/storage/db.ts'
import { SYSTEM_ID } from '../../../core/ids.ts'
import { allNamed, findNamed } from '../../../core/named.ts'
import type { Workers } from '../../../core/runtime/workers/workers.ts'
import { importHolidays } from './commands.ts'
import { withHolidays } from './add-holidays.ts'
import { LeaveOut } from './leave-out.ts'
import { CALENDAR_NAMES, getCalendar } from './queries.ts'
import { readHolidays } from './tasks.ts'

export interface HolidayFile {
  /** The name of the calendar. */
  readonly calendar: string
  readonly ics: string
  readonly leaveOut: unknown
}

type Answer = Omit<ReturnType<typeof withHolidays>, 'value'>

export async function importHolidayFile(
  { read, commits }: { read: Read; commits: Commits },
  { calendar, ics, leaveOut }: HolidayFile,
  applyTo: 'open' | 'new',
): Promise<Answer> {
  const input = { calendarId: calendarNamed(read, calendar), ics, leaveOut: leaveOutOf(leaveOut), applyTo }
  return (await commits.commitOrThrow(importHolidays, input, { actorId: SYSTEM_ID })).output
}

/** Writes nothing. */
export async function previewHolidayFile(
  { read, workers, now }: { read: Read; workers: Workers; now: number },
  { calendar, ics, leaveOut }: HolidayFile,
): Promise<Answer> {
  const { value } = await getCalendar(read, calendarNamed(read, calendar))
  const found = await workers.run(readHolidays, { ics, now, leaveOut: leaveOutOf(leaveOut) }, { what: 'ics' })
  return withHolidays(value, found)
}

function calendarNamed(read: Read, name: string): string {
  const found = findNamed(read, CALENDAR_NAMES, name)
  if (found !== undefined) return found.id
  const names = allNamed(read, CALENDAR_NAMES).slice(0, 50)
  throw new Refusal(
    'not-found',
    `There is no calendar "${name}".`,
    `Calendars: ${names.map((each) => each.name).join(', ')}.`,
  )
}

function leaveOutOf(input: unknown): LeaveOut {
  const { data, error } = LeaveOut.safeParse(input)
  if (data !== undefined) return data
  throw new Refusal(
    'invalid',
    `Invalid --leave-out option: ${describeIssues(error)}.`,
    'Run "rejoin sla holidays --help".',
  )
}

/** One line for each day, and for each event that closes none; then the numbers. */
export function answerLines({ closes, skipped, leftOut, added, writtenOutUntil }: Answer, isDryRun: boolean): string[] {
  const days = closes.map(({ day, name, categories, isNew }) => {
    const when = day.length > 5 ? day : `${day} every year`
    const what = [name ?? '', categories.length > 0 ? `(${categories.join(', ')})` : '', isNew ? '' : 'already closed']
    return `${when.padEnd(17)}${what.filter((text) => text !== '').join('  ')}`
  })
  const left = skipped.map(({ line, reason }) => `line ${line}: ${reason}`)
  const written = writtenOutUntil === null ? [] : [`Recurring days are listed until ${writtenOutUntil}.`]
  const verb = isDryRun ? 'would be closed' : 'are closed'
  return [...days, ...left, ...written, `${added} more days ${verb}; ${leftOut} events left out.`]
}
