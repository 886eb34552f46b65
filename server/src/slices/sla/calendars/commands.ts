/** Makes and changes calendars. A change is another version; times measured by an earlier one stay as they were. */
import type { Calendar } from '@rejoin/shared/sla/calendar.ts'
import { calendarFault } from '@rejoin/shared/sla/working-time.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { mustAnywhere } from '../../accounts/queries.ts'
import { audit } from '../../../core/audit.ts'
import { implement } from '../../../core/api/implement.ts'
import type { CommandContext } from '../../../core/command.ts'
import { mustBeFree } from '../../../core/named.ts'
import type { ApplyTo } from '../apply-to.ts'
import { applyToOpen } from '../rollout.ts'
import * as contract from './contract.ts'
import { withHolidays } from './add-holidays.ts'
import { CALENDAR_NAMES, getCalendar } from './queries.ts'
import { readHolidays } from './tasks.ts'

export const createCalendar = implement(
  contract.create,
  async (context, { calendarId = context.newId(), name, value }) => {
    mustAnywhere(context.actor, 'sla.manage')
    mustBeFree(context.tx, CALENDAR_NAMES, { id: calendarId, name })
    const versionId = context.newId()
    await context.tx
      .insertInto('slaCalendar')
      .values({ id: calendarId, name, versionId, createdAt: context.now })
      .execute()
    await addVersion(context, { calendarId, versionId, number: 1, value })
    audit(context, { type: 'sla-calendar-created', subject: 'sla-calendar', subjectId: calendarId, payload: { name } })
    return { calendarId, versionId }
  },
)

export const editCalendar = implement(contract.edit, async (context, { calendarId, name, value, applyTo }) => {
  mustAnywhere(context.actor, 'sla.manage')
  const calendar = await getCalendar(context.tx, calendarId)
  if (name !== undefined) mustBeFree(context.tx, CALENDAR_NAMES, { id: calendarId, name })
  return replace(context, { ...calendar, ...(name !== undefined && { name }) }, { value, applyTo })
})

const MAX_ICS = 1_000_000

/**
 * Adds the days of an iCalendar file as closures; a day that is closed already stays as it is. With `dryRun` it only
 * reports the days that it would close.
 */
export const importHolidays = implement(
  contract.importHolidays,
  {
    async check({ read, actor }, { calendarId, ics }) {
      mustAnywhere(actor, 'sla.manage')
      await getCalendar(read, calendarId)
      if (ics.length > MAX_ICS) {
        const message = `ics: the file has ${ics.length} characters; the limit is ${MAX_ICS}.`
        throw new Refusal('too-large', message, 'Export fewer years, or each calendar separately.')
      }
    },
    prepare: ({ now, workers }, { ics, leaveOut }) =>
      workers.run(readHolidays, { ics, now, leaveOut }, { what: 'ics' }),
  },
  async (context, { calendarId, applyTo, dryRun }, found) => {
    mustAnywhere(context.actor, 'sla.manage')
    const calendar = await getCalendar(context.tx, calendarId)
    const { value, ...answer } = withHolidays(calendar.value, found)
    if (dryRun || answer.added === 0) return { versionId: calendar.versionId, ...answer }
    return { ...(await replace(context, calendar, { value, applyTo })), ...answer }
  },
)

async function replace(
  context: CommandContext,
  { id: calendarId, name, number }: { id: string; name: string; number: number },
  { value, applyTo }: { value: Calendar; applyTo: ApplyTo },
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
