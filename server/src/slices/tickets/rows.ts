/** A ticket as its commands see it: the row, and what decides who may touch it. */
import type { Selectable } from 'kysely'
import type { Standing } from '@rejoin/shared/access/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { CommandContext } from '../../core/command.ts'
import type { Read } from '../../core/storage/db.ts'
import { prepared, updateRow } from '../../core/storage/prepared.ts'
import type { Watcher } from '@rejoin/shared/tickets/ticket.ts'
import type { TicketTable } from './tables.ts'

export type TicketRow = Selectable<TicketTable> & Standing

const rowById = prepared<{ id: string }>()((read, param) =>
  read.selectFrom('ticket').selectAll().where('id', '=', param('id')),
)

const watchersById = prepared<{ id: string }>()((read, param) =>
  read
    .selectFrom('ticketWatcher')
    .select(['userId', 'reason'])
    .where('ticketId', '=', param('id'))
    .orderBy('addedSeq')
    .orderBy('userId'),
)

/** With its watchers in the order in which they came. */
export function findWatchedTicket(read: Read, id: string): { ticket: TicketRow; watchers: Watcher[] } | undefined {
  const [row] = rowById(read, { id })
  if (row === undefined) return undefined
  const watchers = watchersById(read, { id })
  return { ticket: { ...row, watcherIds: watchers.map(({ userId }) => userId) }, watchers }
}

export function findTicket(read: Read, id: string): TicketRow | undefined {
  return findWatchedTicket(read, id)?.ticket
}

/** Throws `Refusal('not-found')`. */
export function getTicket(read: Read, id: string): TicketRow {
  const ticket = findTicket(read, id)
  if (ticket === undefined) throw notFound(id)
  return ticket
}

export function notFound(id: string): Refusal {
  return new Refusal('not-found', `There is no ticket ${id} that you can access.`, 'It may have been moved or deleted.')
}

/** Changes columns of a ticket and marks it as changed by this command. */
export function updateTicket(
  { tx, seq, show }: CommandContext,
  ticketId: string,
  change: Partial<Omit<TicketTable, 'id' | 'rev'>>,
): void {
  updateRow(tx, 'ticket', { id: ticketId }, { ...change, rev: seq })
  show(ticketId)
}
