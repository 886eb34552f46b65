/** Reading clocks. */
import type { ClockView } from '@rejoin/shared/sla/metric.ts'
import type { Read } from '../core/db.ts'
import { clocksOf } from './clocks/stored.ts'

/** What a document shows of a ticket's clocks. */
export function clockViews(read: Read, ticketId: string): ClockView[] {
  return clocksOf(read, ticketId)
    .filter(({ isVoid }) => isVoid === 0)
    .map(({ metric, state, dueAt, stopAt, breachAt }) => ({
      metric,
      state,
      dueAt,
      stoppedAt: stopAt,
      breachedAt: breachAt,
    }))
}
