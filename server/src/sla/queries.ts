/** Reading clocks. */
import type { Selectable } from 'kysely'
import type { ClockView } from '@rejoin/shared/sla/metric.ts'
import type { Read } from '../core/db.ts'
import { prepared } from '../core/prepared.ts'
import type { SlaClockTable } from './tables.ts'

export type ClockRow = Selectable<SlaClockTable>

export function clocksOf(read: Read, ticketId: string): ClockRow[] {
  return clocksByTicket(read, { ticketId })
}

const clocksByTicket = prepared<{ ticketId: string }>()((read, param) =>
  read.selectFrom('slaClock').selectAll().where('ticketId', '=', param('ticketId')).orderBy('metric').orderBy('cycle'),
)

export function clockViews(read: Read, ticketId: string): ClockView[] {
  return clocksOf(read, ticketId).map(({ metric, state, dueAt, stopAt, breachAt }) => ({
    metric,
    state,
    dueAt,
    stoppedAt: stopAt,
    breachedAt: breachAt,
  }))
}

/** The clocks whose next event is due at `now`, the longest overdue first. */
export async function dueClocks(read: Read, now: number, limit: number): Promise<ClockRow[]> {
  return read
    .selectFrom('slaClock')
    .selectAll()
    .where('state', '=', 'running')
    .where('nextFireAt', '<', now)
    .orderBy('nextFireAt')
    .limit(limit)
    .execute()
}
