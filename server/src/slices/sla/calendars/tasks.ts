/** What of calendars runs in a worker thread, because a file from elsewhere decides how long it takes. */
import { task } from '../../../core/runtime/workers/task.ts'
import type { LeaveOut } from './leave-out.ts'

/** The rules of an iCalendar file may have no end. */
export const readHolidays = task({
  name: 'sla.read-holidays',
  // Loaded by the thread alone.
  run: async ({ ics, now, leaveOut }: { ics: string; now: number; leaveOut: LeaveOut }) =>
    (await import('./holidays.ts')).holidaysOf(ics, now, leaveOut),
})
