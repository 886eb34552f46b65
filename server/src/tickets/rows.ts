/** A ticket as its commands see it: the row, and what decides who may touch it. */
import type { Selectable } from 'kysely'
import type { Standing } from '@rejoin/shared/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { CommandContext } from '../core/commit/command.ts'
import type { Read } from '../core/db.ts'
import type { TicketTable } from './tables.ts'

export type TicketRow = Selectable<TicketTable> & Standing

export async function findTicket(read: Read, id: string): Promise<TicketRow | undefined> {
  const row = await read.selectFrom('ticket').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) return undefined
  const watchers = await read.selectFrom('ticketWatcher').select('userId').where('ticketId', '=', id).execute()
  return { ...row, watcherIds: watchers.map(({ userId }) => userId) }
}

/** Throws `Refusal('not-found')`. */
export async function getTicket(read: Read, id: string): Promise<TicketRow> {
  const ticket = await findTicket(read, id)
  if (ticket === undefined) throw notFound(id)
  return ticket
}

export function notFound(id: string): Refusal {
  return new Refusal('not-found', `There is no ticket ${id} that you can see.`, 'It may have been moved or deleted.')
}

/** Changes columns of a ticket and marks it as changed by this command. */
export async function updateTicket(
  { tx, seq, show }: CommandContext,
  ticketId: string,
  change: Partial<Omit<TicketTable, 'id' | 'rev'>>,
): Promise<void> {
  await tx
    .updateTable('ticket')
    .set({ ...change, rev: seq })
    .where('id', '=', ticketId)
    .execute()
  show(ticketId)
}
