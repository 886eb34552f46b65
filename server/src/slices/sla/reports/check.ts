/** How the clocks of one ticket stand now, or those of the tickets that are due soon; and the SLA configuration. */
import { sql } from 'kysely'
import { elapsedAt, isOverdue } from '../engine/clock.ts'
import { Metric } from '@rejoin/shared/sla/metric.ts'
import { mustAnywhere } from '../../accounts/queries.ts'
import type { Read } from '../../../core/storage/db.ts'
import { isBeyond, MAX_PAGE } from '../../../core/input/paging.ts'
import type { ReadContext } from '../../../core/reports.ts'
import type { QueryContext } from '../../../core/api/procedures.ts'
import { permitted } from '../../tickets/queries.ts'
import { calendarsByName } from '../calendars/queries.ts'
import { clockOf, type ClockRow } from '../clocks/stored.ts'
import { workingTime } from '../clocks/versions.ts'
import { policiesInOrder } from '../policies/queries.ts'
import type { Check } from './contract.ts'

export async function checkClocks({ read, actor, now }: ReadContext, { ticketId, withinMs, limit, after }: Check) {
  mustAnywhere(actor, 'sla.read')
  const visible = read
    .selectFrom('slaClock')
    .innerJoin('ticket', 'ticket.id', 'slaClock.ticketId')
    .selectAll('slaClock')
    .select('ticket.number')
    .where(permitted(actor, 'ticket.read-internal') as never)
    .where('isVoid', '=', 0)
    .limit(limit)
  const asked =
    ticketId === undefined
      ? visible
          .where('state', '=', sql<'running'>`'running'`)
          .where('slaClock.dueAt', '<=', now + withinMs)
          .where((row) => (after === undefined ? row.lit(true) : isBeyond('asc', orderOf(after))))
          .orderBy('slaClock.dueAt')
          .orderBy('slaClock.id')
      : visible.where('ticketId', '=', ticketId).orderBy('metric').orderBy('cycle')
  const rows = await asked.execute()
  return { asOf: now, clocks: rows.map((row) => ({ number: row.number, ...standingOf(read, row, now) })) }
}

function orderOf({ dueAt, clockId }: { dueAt: number; clockId: string }) {
  return [
    [sql.ref('slaClock.dueAt'), dueAt],
    [sql.ref('slaClock.id'), clockId],
  ] as const
}

function standingOf(read: Read, row: ClockRow, now: number) {
  const clock = clockOf(row)
  const { metric, cycle, state, targetMs, dueAt, stopAt, breachAt, isProvisional } = clock
  const calendarVersion = clock.segments.at(-1)?.calendarVersion ?? 'always'
  const elapsedMs = elapsedAt(clock, workingTime(read, calendarVersion), Math.max(now, clock.markAt))
  const told = { clockId: row.id, ticketId: row.ticketId, metric, cycle, state, targetMs, elapsedMs }
  const percent = Math.floor((100 * elapsedMs) / targetMs)
  const remainingMs = targetMs - elapsedMs
  return { ...told, remainingMs, percent, dueAt, stopAt, breachAt, isProvisional, isOverdue: isOverdue(clock, now) }
}

const FIRST = { limit: MAX_PAGE }

/** The policies and calendars by which clocks are measured; of many, the first page of each. */
export async function slaConfig(context: QueryContext) {
  const [policies, calendars] = [await policiesInOrder(context, FIRST), await calendarsByName(context, FIRST)]
  return { metrics: Metric.options, policies, calendars }
}
