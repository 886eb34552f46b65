/** What the machine has to know of nouns: tickets with their clocks, people, and the work of devices. */
import { healDocument, newGeneration } from './core/commit/new-generation.ts'
import type { Nouns } from './core/machine.ts'
import type { Read } from './core/storage/db.ts'
import { DEVICE_RULES } from './doors/sync/device-rules.ts'
import { REACTIONS } from './reactions.ts'
import { getActor } from './slices/accounts/queries.ts'
import { tellOfParked } from './slices/notifications/parked.ts'
import { mendTickets } from './slices/sla/clocks/recompute.ts'
import { clockFields } from './slices/sla/queries.ts'
import {
  projectTicket as projectWith,
  textsOf,
  ticketNumber,
  type TicketProjection,
} from './slices/tickets/projection.ts'

export const NOUNS = {
  actor: getActor,
  nameOf: ticketNumber,
  ofDevices: DEVICE_RULES,
  projection: projectTicket,
  reactions: REACTIONS,
  remedy: ({ what, id }) =>
    what === 'document'
      ? { command: healDocument, input: newGeneration(id) }
      : { command: mendTickets, input: { ticketIds: [id] } },
  textsOf,
  whenParked: tellOfParked,
} satisfies Partial<Nouns>

/**
 * A ticket's document: the rows of its own slice, with the clocks of the SLA slice. Of its lists, the items that were added
 * at `since` or later. Null where there is no such ticket.
 */
export function projectTicket(read: Read, ticketId: string, since = 0): TicketProjection | null {
  return projectWith(read, ticketId, { since, clockFields })
}
