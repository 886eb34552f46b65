/** Reading clocks. */
import type { ClockView } from '@rejoin/shared/sla/metric.ts'
import { MAX_BACKDATE_MS } from '@rejoin/shared/time.ts'
import type { Read } from '../core/db.ts'
import { prepared } from '../core/prepared.ts'
import { clocksOf } from './clocks/stored.ts'
import { policyVersion } from './clocks/versions.ts'

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

/** How old offline work on the ticket may be to count from when it was done, ms: by its policy, where it has one. */
export function maxBackdateMs(read: Read, ticketId: string): number {
  const version = versionOf(read, { ticketId })[0]?.policyVersion ?? null
  return version === null ? MAX_BACKDATE_MS : policyVersion(read, version).policy.maxBackdateHours * 3_600_000
}

const versionOf = prepared<{ ticketId: string }>()((read, param) =>
  read.selectFrom('slaTicket').select('policyVersion').where('ticketId', '=', param('ticketId')),
)
