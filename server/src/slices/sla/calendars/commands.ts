/** Making and changing calendars. A change is another version; what was measured by an earlier one stays as it was. */
import { z } from 'zod'
import { nameFault, visibleName } from '@rejoin/shared/names.ts'
import { Calendar } from '@rejoin/shared/sla/calendar.ts'
import { calendarFault } from '@rejoin/shared/sla/working-time.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { Id } from '@rejoin/shared/tickets/ticket.ts'
import { mustAnywhere } from '../../accounts/queries.ts'
import { audit } from '../../../core/audit.ts'
import { command, type CommandContext } from '../../../core/command.ts'
import { mustBeFree } from '../../../core/named.ts'
import { applyToOpen, ApplyTo } from '../rollout.ts'
import { CalendarId, getCalendar } from './queries.ts'
import { withHolidays } from './join.ts'
import { LeaveOut } from './leave-out.ts'
import { readHolidays } from './tasks.ts'

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

export const createCalendar = command({
  name: 'sla.create-calendar',
  input: z.object({ calendarId: Id.optional(), name: Name, value: NamedCalendar }),
  async run(context, { calendarId = context.newId(), name, value }) {
    mustAnywhere(context.actor, 'sla.manage')
    mustBeFree(context.tx, 'calendar', { id: calendarId, name })
    const versionId = context.newId()
    await context.tx
      .insertInto('slaCalendar')
      .values({ id: calendarId, name, versionId, createdAt: context.now })
      .execute()
    await addVersion(context, { calendarId, versionId, number: 1, value })
    audit(context, { type: 'sla-calendar-created', subject: 'sla-calendar', subjectId: calendarId, payload: { name } })
    return { calendarId, versionId }
  },
})

export const editCalendar = command({
  name: 'sla.edit-calendar',
  input: z.object({ calendarId: CalendarId, name: Name.optional(), value: NamedCalendar, applyTo: ApplyTo }),
  async run(context, { calendarId, name, value, applyTo }) {
    mustAnywhere(context.actor, 'sla.manage')
    const calendar = await getCalendar(context.tx, calendarId)
    if (name !== undefined) mustBeFree(context.tx, 'calendar', { id: calendarId, name })
    return replace(context, { ...calendar, ...(name !== undefined && { name }) }, { value, applyTo })
  },
})

const MAX_ICS = 1_000_000

/**
 * Adds the days of an iCalendar file as closures; a day that is closed already stays as it is. With `dryRun` it only says
 * what it would close.
 */
export const importHolidays = command({
  name: 'sla.import-holidays',
  input: z.object({
    calendarId: CalendarId,
    ics: z.string().min(1),
    leaveOut: LeaveOut,
    dryRun: z.boolean().default(false),
    applyTo: ApplyTo,
  }),
  async check({ read, actor }, { calendarId, ics }) {
    mustAnywhere(actor, 'sla.manage')
    await getCalendar(read, calendarId)
    if (ics.length > MAX_ICS) {
      const message = `ics: the file has ${ics.length} characters; the limit is ${MAX_ICS}.`
      throw new Refusal('too-large', message, 'Export fewer years, or each calendar separately.')
    }
  },
  prepare: ({ now, workers }, { ics, leaveOut }) => workers.run(readHolidays, { ics, now, leaveOut }, { what: 'ics' }),
  async run(context, { calendarId, applyTo, dryRun }, found) {
    mustAnywhere(context.actor, 'sla.manage')
    const calendar = await getCalendar(context.tx, calendarId)
    const { value, ...answer } = withHolidays(calendar.value, found)
    if (dryRun || answer.added === 0) return { versionId: calendar.versionId, ...answer }
    return { ...(await replace(context, calendar, { value, applyTo })), ...answer }
  },
})

async function replace(
  context: CommandContext,
  { id: calendarId, name, number }: { id: string; name: string; number: number },
  { value, applyTo }: { value: Calendar; applyTo: z.output<typeof ApplyTo> },
): Promise<{ versionId: string }> {
  const versionId = context.newId()
  await addVersion(context, { calendarId, versionId, number: number + 1, value })
  await context.tx.updateTable('slaCalendar').set({ name, versionId }).where('id', '=', calendarId).execute()
  const payload = { name, versionId, number: number + 1, applyTo }
  audit(context, { type: 'sla-calendar-edited', subject: 'sla-calendar', subjectId: calendarId, payload })
  if (applyTo === 'open') applyToOpen(context)
  return { versionId }
}

async function addVersion(
  { tx, now, actor }: CommandContext,
  { calendarId, versionId, number, value }: { calendarId: string; versionId: string; number: number; value: Calendar },
): Promise<void> {
  const fault = calendarFault(value, now)
  if (fault !== null) throw new Refusal('invalid', `value: ${fault}`, 'Add intervals to the week, or openings.')
  const row = { id: versionId, calendarId, number, value: JSON.stringify(value), createdAt: now, createdBy: actor.id }
  await tx.insertInto('slaCalendarVersion').values(row).execute()
}
