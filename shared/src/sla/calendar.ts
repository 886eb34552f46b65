/**
 * A calendar: when work is done, by the wall clock of one time zone. It is a value: a change makes another version.
 * `working-time.ts` turns it into instants.
 */
import { z } from 'zod'
import { name } from '../names.ts'
import { Zone } from '../zone.ts'

export const Weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])
export type Weekday = z.infer<typeof Weekday>

/** `00:00` to `24:00`. The end of a day is the midnight that follows it. */
export const TimeOfDay = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time such as 09:30 or 24:00')

/** `YYYY-MM-DD`, by the Gregorian calendar. */
export const LocalDate = z.iso.date('must be a date such as 2026-12-24')

/** `MM-DD`, every year; `02-29` only in leap years. */
export const DayOfYear = z
  .string()
  .regex(/^\d\d-\d\d$/, 'must be a day such as 12-24')
  .refine((day) => z.iso.date().safeParse(`2024-${day}`).success, 'is not a day of the year')

export const isForward = ([start, end]: readonly string[]) => start !== undefined && end !== undefined && start < end

/** `[start, end)`. A shift over midnight is two of them, one on each day. */
export const Interval = z
  .tuple([TimeOfDay, TimeOfDay])
  .refine(isForward, 'must end after it starts; a shift over midnight is two intervals, one on each day')

const Name = name(200).optional()
/** The part of the day, the whole of it where it is absent. */
const hours = Interval.default(['00:00', '24:00'])

/** Nothing is worked then: on one date, or every year from `firstDay` to `lastDay`, which may lie in the next year. */
export const Closure = z.union(
  [
    z.strictObject({ date: LocalDate, hours, name: Name }),
    z.strictObject({ firstDay: DayOfYear, lastDay: DayOfYear, hours, name: Name }),
  ],
  'must have a date, or firstDay and lastDay such as 12-24; hours such as ["12:00","24:00"] where it is part of a day',
)
export type Closure = z.infer<typeof Closure>

/** Work on a day on which there is none by the week, or in spite of a closure. */
const Opening = z.strictObject({ date: LocalDate, hours: Interval, name: Name })
export type Opening = z.infer<typeof Opening>

/** The most days of each kind: closures and openings. */
export const MAX_CLOSURES = 2000

export const Calendar = z.strictObject({
  zone: Zone,
  /** Several intervals a day may touch or overlap: time in both is worked once. A day that is absent has none. */
  weekly: z.partialRecord(Weekday, z.array(Interval).max(24)),
  closures: z.array(Closure).max(MAX_CLOSURES).default([]),
  /** Openings win over closures. */
  openings: z.array(Opening).max(MAX_CLOSURES).default([]),
})
export type Calendar = z.infer<typeof Calendar>

/** A calendar is open all the time: an hour of it is an hour. */
export const ALWAYS_OPEN: Calendar = Calendar.parse({
  zone: 'UTC',
  weekly: Object.fromEntries(Weekday.options.map((day) => [day, [['00:00', '24:00']]])),
})
