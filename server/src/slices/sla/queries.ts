/** Reading clocks. */
import type { ClockTerms } from '@rejoin/shared/sla/clock-view.ts'
import type { ClockView } from '@rejoin/shared/sla/metric.ts'
import { MAX_BACKDATE_MS } from '@rejoin/shared/sync/time.ts'
import type { Read } from '../../core/storage/db.ts'
import { prepared } from '../../core/storage/prepared.ts'
import { clocksOf } from './clocks/stored.ts'
import { policyVersion, termsFor } from './clocks/versions.ts'

/** The fields of a ticket's document that show its clocks. */
export function clockFields(read: Read, ticketId: string): { clocks: ClockView[]; clockTerms: ClockTerms | null } {
  return { clocks: clockViews(read, ticketId), clockTerms: clockTerms(read, ticketId) }
}

function clockViews(read: Read, ticketId: string): ClockView[] {
  return clocksOf(read, ticketId)
    .filter(({ isVoid }) => isVoid === 0)
    .map(({ metric, cycle, state, targetMs, elapsedMs, markAt, dueAt, stopAt, breachAt, isProvisional }) => ({
      metric,
      cycle,
      state,
      targetMs,
      elapsedMs,
      markAt,
      dueAt,
      stoppedAt: stopAt,
      breachedAt: breachAt,
      isProvisional: isProvisional === 1,
    }))
}

/** The terms by which the clocks of a ticket run, for a device that has to go on without the server. */
function clockTerms(read: Read, ticketId: string): ClockTerms | null {
  const [chosen] = versionOf(read, { ticketId })
  const terms = chosen === undefined ? null : termsFor(read, chosen)
  if (terms === null) return null
  const { calendarVersion, working, pauseOn } = terms
  return { calendar: calendarVersion === ALWAYS ? null : working.calendar, pauseOn }
}

/** The version of the calendar that is always open; it is there from the beginning. */
const ALWAYS = 'always'

/** How old offline work on the ticket may be to count from when it was done, ms: by its policy, where it has one. */
export function maxBackdateMs(read: Read, ticketId: string): number {
  const version = versionOf(read, { ticketId })[0]?.policyVersion ?? null
  return version === null ? MAX_BACKDATE_MS : policyVersion(read, version).policy.maxBackdateHours * 3_600_000
}

const versionOf = prepared<{ ticketId: string }>()((read, param) =>
  read
    .selectFrom('slaTicket')
    .select(['policyVersion', 'calendarVersion', 'priority'])
    .where('ticketId', '=', param('ticketId')),
)
