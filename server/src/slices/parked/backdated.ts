/**
 * Work that a device brought so late that it counts from its receipt: a supervisor sees when it is said to have been
 * done, and may approve that. Parked work is no part of it: who approves that approves its time as well.
 */
import type { ParsedOf } from '@rejoin/shared/contract/operation.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { getPerson } from '../accounts/queries.ts'
import { implement } from '../../core/api/implement.ts'
import type { Receipt } from '../../core/commit/receipts.ts'
import type { Read } from '../../core/storage/db.ts'
import type { QueryContext } from '../../core/api/procedures.ts'
import { findTicket, permitted } from '../tickets/queries.ts'
import * as contract from './contract.ts'
import { getReviewed, numberBefore } from './queries.ts'

/** What waits for an approval that the reader may give, the oldest first. */
export async function backdatedCommands({ read, actor }: QueryContext, page: ParsedOf<typeof contract.listBackdated>) {
  return await read
    .selectFrom('receipt')
    .innerJoin('ticket', 'ticket.id', 'receipt.subjectId')
    .innerJoin('user', 'user.id', 'receipt.actorId')
    .select([
      'receipt.id',
      'receipt.name',
      'receipt.actorId',
      'user.name as actorName',
      'ticket.id as ticketId',
      'ticket.number',
      'ticket.title',
      'receipt.claimedAt',
      'receipt.recordedAt',
      'receipt.clockSuspect',
    ])
    .where('receipt.claimedAt', 'is not', null)
    .where('receipt.decidedAt', 'is', null)
    .where('receipt.outcome', 'in', ['applied', 'adjusted'])
    .where('receipt.number', '>', numberBefore(read, page))
    .where(permitted(actor, 'parked.review'))
    .orderBy('receipt.number')
    .limit(page.limit)
    .execute()
}

/** Lets it count from when it is said to have been done. The clocks of its ticket follow the log. */
export const approveBackdated = implement(
  contract.approveBackdated,
  { room: 'reserve' },
  async (context, { commandId }) => {
    const { tx, actor, now } = context
    const receipt = await getReviewed(tx, actor, commandId)
    const { claimedAt, ticketId } = undecided(tx, receipt)
    await tx.updateTable('receipt').set({ decidedAt: now, decidedBy: actor.id }).where('id', '=', commandId).execute()
    const { name, actorId: authorId, effectiveAt: countedFrom } = receipt
    await context.event({
      subject: 'ticket',
      subjectId: ticketId,
      type: 'backdate-approved',
      payload: { commandId, name, authorId, countedFrom, claimedAt },
    })
  },
)

/** Throws `Refusal('conflict')` when it counts from when it was done already, or never will. */
function undecided(read: Read, receipt: Receipt): { claimedAt: number; ticketId: string } {
  const { claimedAt, outcome, decidedBy, subjectId } = receipt
  if (outcome === 'parked') throw new Refusal('conflict', 'This work is parked.', 'Approve it with parked.approve.')
  const ticket = findTicket(read, subjectId ?? '')
  if (claimedAt === null || ticket === undefined) {
    throw new Refusal('conflict', 'This work arrived in time: there is no earlier time to approve.')
  }
  if (decidedBy === null) return { claimedAt, ticketId: ticket.id }
  throw new Refusal(
    'conflict',
    `${getPerson(read, decidedBy).name} has already decided about this work.`,
    'Load the list again.',
  )
}
