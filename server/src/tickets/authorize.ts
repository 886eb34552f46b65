/** Asks the access table about a ticket, including what a device was allowed to see when the work was done offline. */
import { may, relationsOf, scopeKeysOf, type Action, type Relation } from '@rejoin/shared/access.ts'
import { settleReassigned } from '@rejoin/shared/merge.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { keysAt } from '../core/documents/audience.ts'
import type { CommandContext } from '../core/commit/command.ts'
import { notFound, type TicketRow } from './rows.ts'
import { changedMeanwhile } from './stamps.ts'

/** Returns how the author stands to the ticket. Throws `Refusal` `forbidden`, or `not-found` where they may not see it. */
export async function must(context: CommandContext, action: Action, ticket: TicketRow): Promise<Set<Relation>> {
  const { actor } = context
  const relations = relationsOf(actor, ticket)
  if (may(actor, action, relations)) return relations
  const past = await pastRelations(context, ticket.id)
  const all = new Set([...relations, ...past])
  if (may(actor, action, all) || isApproved(context, action, ticket)) return all
  if (past.size === 0 && !may(actor, 'ticket.read', relations)) throw notFound(ticket.id)
  throw new Refusal(
    'forbidden',
    `You may not do this (${action}) on ${ticket.number}.`,
    ticket.assigneeId === actor.id ? 'Ask a supervisor.' : 'Ask its assignee or a supervisor.',
  )
}

/** A dispatcher who approves parked work lends its author the right to it. */
function isApproved({ approver }: CommandContext, action: Action, ticket: TicketRow): boolean {
  return approver !== null && may(approver, action, relationsOf(approver, ticket))
}

/**
 * Why a device held the ticket when the author acted; nobody online has such a past. It was theirs only if somebody
 * else took it from them: who gives a ticket away gives up the right to it.
 */
async function pastRelations(context: CommandContext, ticketId: string): Promise<Set<Relation>> {
  const { tx, actor, seen } = context
  const relations = new Set<Relation>()
  if (!Number.isFinite(seen)) return relations
  const keys = await keysAt(tx, ticketId, scopeKeysOf(actor), seen)
  if (keys.length > 0) relations.add('held')
  const isTaken = changedMeanwhile(context, ticketId, 'assignee') !== null
  const isClosed = changedMeanwhile(context, ticketId, 'status') !== null
  if (!isTaken && !isClosed) return relations
  if (keys.includes(`assigned:${actor.id}`)) relations.add('was-assigned')
  if (keys.some((key) => key.startsWith('queue:'))) relations.add('was-queue')
  return relations
}

/**
 * As `must`, for work that belongs to the assignee. Where the ticket went to somebody else meanwhile, the work is
 * credited to its author if the new assignee has not started or a dispatcher says so; else it parks. Returns whether it
 * was so credited.
 */
export async function mustOwnWork(context: CommandContext, action: Action, ticket: TicketRow): Promise<boolean> {
  const relations = await must(context, action, ticket)
  if (!relations.has('was-assigned') || may(context.actor, action, relationsOf(context.actor, ticket))) return false
  if (context.approver === null && settleReassigned(ticket.startedAt !== null) === 'park') {
    throw new Refusal(
      'reassigned',
      `${ticket.number} was given to somebody else meanwhile, who has started on it.`,
      'A dispatcher decides whether your work counts. Your comments and work logs went through.',
    )
  }
  context.adjust(
    'credited-after-reassignment',
    `${ticket.number} was reassigned meanwhile; your work is credited to you.`,
  )
  return true
}
