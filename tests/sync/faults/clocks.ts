/**
 * Law 7 for SLA clocks: the stored clocks follow from the log. The log is computed anew by the full formulas, which
 * share no arithmetic with the moves at run time; and the last status that a ticket's clocks heard is that of its row.
 */
import type { App } from '@rejoin/server/app.ts'
import { driftOf } from '@rejoin/server/slices/sla/clocks/recompute.ts'
import { findStored } from '@rejoin/server/slices/sla/clocks/stored.ts'

/** The fault in the clocks of a ticket; null when there is none. */
export async function clockFault({ read, now }: App, ticketId: string): Promise<string | null> {
  const [drift] = driftOf(read, ticketId, now())
  if (drift !== undefined) return `${drift.field} is ${String(drift.stored)}, by the log ${String(drift.computed)}`
  const { status } = await read
    .selectFrom('ticket')
    .select('status')
    .where('id', '=', ticketId)
    .executeTakeFirstOrThrow()
  const stored = findStored(read, ticketId)
  if (stored?.clocks.status !== status) return `they stand at ${stored?.clocks.status}, the ticket at ${status}`
  const metrics = stored.clocks.clocks.map(({ metric }) => metric)
  return metrics.includes('first_response') && metrics.includes('resolution')
    ? null
    : `there are only ${metrics.join()}`
}
