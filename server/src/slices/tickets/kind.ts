/** The documents of tickets, as they follow from rows. */
import { audienceOf } from '@rejoin/shared/access/audience.ts'
import { isOpen } from '@rejoin/shared/statuses.ts'
import type { LeaveReason } from '@rejoin/shared/sync/wire.ts'
import * as declared from '@rejoin/shared/tickets/kind.ts'
import type { StoredKind } from '../../core/documents/kinds.ts'
import type { Read } from '../../core/storage/db.ts'
import { createdAt, numberOf, projectTicket, textsOf, ticketIds, type ClockFields } from './projection.ts'
import { findTicket } from './rows.ts'

/** What the SLA slice knows of a ticket. */
interface SlaPorts {
  /** The fields that the SLA clocks keep. */
  readonly clockFields: ClockFields
  maxBackdateMs(read: Read, ticketId: string): number
}

export function ticketKind({ clockFields, maxBackdateMs }: SlaPorts): StoredKind {
  return {
    ...declared.ticketKind,
    ids: ticketIds,
    project: (read, id, since) => projectTicket(read, id, { since, clockFields }),
    textsOf,
    nameOf: numberOf,
    createdAt,
    maxBackdateMs,
    whyLeft,
  }
}

function whyLeft(
  read: Read,
  ticketId: string,
  { keys, heldBy }: { readonly keys: readonly string[]; readonly heldBy: readonly string[] },
): LeaveReason {
  const ticket = findTicket(read, ticketId)
  if (ticket === undefined || !isOpen(ticket.status)) return 'closed'
  if (audienceOf(ticket).some((key) => keys.includes(key))) return 'access-lost'
  if (heldBy.every((key) => key.startsWith('watched:'))) return 'unwatched'
  if (ticket.assigneeId !== null || heldBy.some((key) => key.startsWith('assigned:'))) return 'reassigned'
  return 'moved'
}
