/** What the machine has to know of nouns: tickets with their clocks, people, and the work of devices. */
import { healDocument, newGeneration } from './core/commit/new-generation.ts'
import { Kinds } from './core/documents/kinds.ts'
import type { Nouns } from './core/machine.ts'
import { deviceRules } from './doors/sync/device-rules.ts'
import { REACTIONS } from './reactions.ts'
import { getActor } from './slices/accounts/queries.ts'
import { tellOfParked } from './slices/notifications/parked.ts'
import { mendTickets } from './slices/sla/clocks/recompute.ts'
import { clockFields, maxBackdateMs } from './slices/sla/queries.ts'
import { ticketKind } from './slices/tickets/kind.ts'

/** Every kind of document. */
export const KINDS = new Kinds([ticketKind({ clockFields, maxBackdateMs })])

export const NOUNS = {
  actor: getActor,
  kinds: KINDS,
  ofDevices: deviceRules(KINDS),
  reactions: REACTIONS,
  remedy: ({ what, id }) =>
    what === 'document'
      ? { command: healDocument, input: newGeneration(id) }
      : { command: mendTickets, input: { ticketIds: [id] } },
  whenParked: tellOfParked,
} satisfies Partial<Nouns>
