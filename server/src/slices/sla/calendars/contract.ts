/** The operations on calendars. */
import { z } from 'zod'
import { declare, declareQuery } from '@rejoin/shared/contract/declare.ts'
import { nameFault, visibleName } from '@rejoin/shared/names.ts'
import { Calendar } from '@rejoin/shared/sla/calendar.ts'
import { Id, Instant } from '@rejoin/shared/values.ts'
import { pageBy, versionPage } from '../../../core/input/paging.ts'
import { ApplyTo } from '../apply-to.ts'
import { LeaveOut } from './leave-out.ts'

/** `always`, which is there from the beginning, or a UUID. */
export const CalendarId = z.string().min(1).max(60)

const Name = visibleName(120)

/** Stored calendars are read without this rule: they may be of before it. */
const NamedCalendar = Calendar.superRefine(({ closures, openings }, context) => {
  for (const [field, days] of Object.entries({ closures, openings })) {
    for (const [at, { name = '' }] of days.entries()) {
      const message = nameFault(name)
      if (message !== null) context.addIssue({ code: 'custom', path: [field, at, 'name'], message })
    }
  }
})

const OneCalendar = z.strictObject({ calendarId: CalendarId })

/** In its present version. */
const CalendarFields = z.object({ id: z.string(), name: z.string(), versionId: z.string(), number: z.int() })
export const ListedCalendar = CalendarFields.extend({ changedAt: Instant })

const Versioned = z.object({ versionId: z.string() })

export const list = declareQuery({
  name: 'sla.calendars.list',
  input: pageBy({ name: z.string() }).prefault({}),
  output: z.array(ListedCalendar),
  action: 'sla.read',
  codes: [],
  rest: 'GET /sla/calendars',
  doc: 'Lists the calendars by name.',
})

export const get = declareQuery({
  name: 'sla.calendars.get',
  input: versionPage.extend({ calendarId: CalendarId }),
  output: CalendarFields.extend({
    value: Calendar,
    versions: z.array(
      z.object({ id: z.string(), number: z.int(), value: Calendar, createdAt: Instant, createdBy: z.string() }),
    ),
  }),
  action: 'sla.read',
  codes: [],
  rest: 'GET /sla/calendars/{calendarId}',
  doc: 'Returns a calendar with its versions, the newest first.',
})

export const create = declare({
  name: 'sla.create-calendar',
  input: z.strictObject({ calendarId: Id.optional(), name: Name, value: NamedCalendar }),
  output: Versioned.extend({ calendarId: z.string() }),
  action: 'sla.manage',
  codes: ['conflict'],
  mints: 'calendarId',
  answer: 'sla.calendars.get',
  rest: 'POST /sla/calendars',
  doc: 'Creates a calendar, with a name that no other calendar has.',
})

export const edit = declare({
  name: 'sla.edit-calendar',
  input: OneCalendar.extend({ name: Name.optional(), value: NamedCalendar, applyTo: ApplyTo }),
  output: Versioned,
  action: 'sla.manage',
  codes: ['conflict'],
  answer: 'sla.calendars.get',
  rest: 'PATCH /sla/calendars/{calendarId}',
  doc: 'Gives a calendar another version, and another name where the input has one.',
})

export const importHolidays = declare({
  name: 'sla.import-holidays',
  input: OneCalendar.extend({
    ics: z.string().min(1),
    leaveOut: LeaveOut,
    dryRun: z.boolean().default(false),
    applyTo: ApplyTo,
  }),
  output: Versioned.extend({
    /** Every day of the file, in its order. */
    closes: z.array(
      z.object({
        line: z.int(),
        uid: z.string().nullable(),
        categories: z.array(z.string()).readonly(),
        name: z.string().nullable(),
        /** `2026-12-25`, or `12-25` for every year. */
        day: z.string(),
        /** False where the calendar is closed on that day already. */
        isNew: z.boolean(),
      }),
    ),
    added: z.int(),
    /** The first events that close nothing, and how many there are. */
    skipped: z.array(z.object({ line: z.int(), reason: z.string() })).readonly(),
    leftOut: z.int(),
    /** The last day for which rules are written out; null where none is. */
    writtenOutUntil: z.string().nullable(),
  }),
  action: 'sla.manage',
  codes: [],
  rest: 'POST /sla/calendars/{calendarId}/import-holidays',
  doc: 'Adds the days of an iCalendar file as closures to a calendar. With `dryRun` it changes nothing.',
})

export const remove = declare({
  name: 'sla.remove-calendar',
  input: OneCalendar,
  output: z.void(),
  action: 'sla.manage',
  codes: ['conflict'],
  rest: 'DELETE /sla/calendars/{calendarId}',
  doc: 'Removes a calendar that no version of a policy uses.',
})
