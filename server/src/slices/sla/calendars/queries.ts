/** Reading calendars. */
import type { ParsedOf } from '@rejoin/shared/contract/operation.ts'
import type { Calendar } from '@rejoin/shared/sla/calendar.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { mustAnywhere } from '../../accounts/queries.ts'
import type { NamedRows } from '../../../core/named.ts'
import type { Read } from '../../../core/storage/db.ts'
import type { QueryContext } from '../../../core/api/procedures.ts'
import { versionsOf, workingTime } from '../clocks/versions.ts'
import type * as contract from './contract.ts'

export const CALENDAR_NAMES: NamedRows = { noun: 'calendar', select: 'select id, name from slaCalendar' }

export interface CalendarVersion {
  readonly id: string
  readonly name: string
  readonly versionId: string
  readonly number: number
  readonly value: Calendar
}

/** Its present version. Throws `Refusal('not-found')`. */
export async function getCalendar(read: Read, id: string): Promise<CalendarVersion> {
  const row = await read
    .selectFrom('slaCalendar')
    .innerJoin('slaCalendarVersion', 'slaCalendarVersion.id', 'slaCalendar.versionId')
    .select(['slaCalendar.id', 'name', 'versionId', 'number', 'value'])
    .where('slaCalendar.id', '=', id)
    .executeTakeFirst()
  if (row === undefined) throw new Refusal('not-found', `There is no calendar with the id ${id}.`)
  return { ...row, value: workingTime(read, row.versionId).calendar }
}

export async function calendarsByName({ read, actor }: QueryContext, { limit, after }: ParsedOf<typeof contract.list>) {
  mustAnywhere(actor, 'sla.read')
  const select = read
    .selectFrom('slaCalendar')
    .innerJoin('slaCalendarVersion', 'slaCalendarVersion.id', 'slaCalendar.versionId')
    .select(['slaCalendar.id', 'name', 'versionId', 'number', 'slaCalendarVersion.createdAt as changedAt'])
    .orderBy('name')
    .limit(limit)
  return await (after === undefined ? select : select.where('name', '>', after.name)).execute()
}

/** With its versions, the newest first, a page of them. */
export async function calendarById(
  { read, actor }: QueryContext,
  { calendarId, limit, after }: ParsedOf<typeof contract.get>,
) {
  mustAnywhere(actor, 'sla.read')
  const calendar = await getCalendar(read, calendarId)
  const versions = await versionsOf(read, 'slaCalendarVersion', { id: calendarId, limit, after })
  return { ...calendar, versions: versions.map((row) => ({ ...row, value: workingTime(read, row.id).calendar })) }
}
