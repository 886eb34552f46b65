/** What a ticket's document shows: the rows of its own slice, with the clocks that the SLA slice keeps. */
import type { Read } from './core/storage/db.ts'
import { clockFields } from './slices/sla/queries.ts'
import { projectTicket as projectWith, type TicketProjection } from './slices/tickets/projection.ts'

/** Of its lists, the items that were added at `since` or later. Null where there is no such ticket. */
export function projectTicket(read: Read, ticketId: string, since = 0): TicketProjection | null {
  return projectWith(read, ticketId, { since, clockFields })
}
