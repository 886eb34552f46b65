/** Asks the access table about a ticket, including what a device was allowed to see when the work was done offline. */
import { may, relationsOf, type Action, type Actor, type Relation } from '@rejoin/shared/access/access.ts'
import { relationOfKey, scopeKeysOf } from '@rejoin/shared/access/audience.ts'
import { settleReassigned } from '@rejoin/shared/tickets/merge.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { rightsAt } from '../accounts/queries.ts'
import { keysAt } from '../../core/documents/audience.ts'
import { lacksScope } from '../../core/api/operations.ts'
import type { CommandContext } from '../../core/command.ts'
import { notFound, type TicketRow } from './rows.ts'
import { changedMeanwhile } from './stamps.ts'

const NO_TICKET = new Set(['any'] as const)

/**
 * Returns how the author stands to the ticket. Throws `Refusal` `forbidden`, `not-found` where they may not see it, and
 * `rights-changed` where only the role or departments that they had when they acted would have allowed it, or a past
 * that their device cannot show.
 */
export async function must(context: CommandContext, action: Action, ticket: TicketRow): Promise<Set<Relation>> {
  const { actor } = context
  const relations = relationsOf(actor, ticket)
  if (may(actor, action, relations)) return relations
  const past = await pastOf(context, ticket.id)
  const all = new Set([...relations, ...past.relations])
  if (isApproved(context, action, ticket)) return all
  if (may(actor, action, all)) {
    if (context.isProven) return all
    throw unproven(ticket.number)
  }
  if (past.author !== actor && may(past.author, action, new Set([...all, ...past.stood]))) {
    throw rightsChanged(`you did this on ${ticket.number}`)
  }
  // An API token for something else than reading may still name the tickets of its owner.
  if (past.relations.size === 0 && !may(unscoped(actor), 'ticket.read', relations)) {
    throw notFound(ticket.id)
  }
  if (may(unscoped(actor), action, all)) throw lacksScope(action)
  throw new Refusal(
    'forbidden',
    `You may not do this (${action}) on ${ticket.number}.`,
    ticket.assigneeId === actor.id ? 'Ask a supervisor.' : 'Ask its assignee or a supervisor.',
  )
}

/** As `must`, for what concerns no ticket that is there. */
export function mustByRole(context: CommandContext, action: Action, refusal: Refusal): void {
  const { tx, actor, approver, seen } = context
  if (may(actor, action, NO_TICKET) || (approver !== null && may(approver, action, NO_TICKET))) return
  if (Number.isFinite(seen) && may(rightsAt(tx, actor, seen), action, NO_TICKET)) throw rightsChanged('you did this')
  if (may(unscoped(actor), action, NO_TICKET)) throw lacksScope(action)
  throw refusal
}

/** With all rights of the person whose API token is used. */
function unscoped(actor: Actor): Actor {
  return { ...actor, scopes: undefined }
}

function unproven(number: string): Refusal {
  return new Refusal(
    'rights-changed',
    `Your device is new to the server, so the server cannot tell whether you had ${number}.`,
    'A supervisor decides whether it counts.',
  )
}

function rightsChanged(what: string): Refusal {
  return new Refusal(
    'rights-changed',
    `Your role or your departments were changed after ${what}.`,
    'A supervisor decides whether it counts.',
  )
}

/** A dispatcher who approves parked work lends its author the right to it. */
function isApproved({ approver }: CommandContext, action: Action, ticket: TicketRow): boolean {
  return approver !== null && may(approver, action, relationsOf(approver, ticket))
}

interface Past {
  /** With the rights that they had when they acted. */
  readonly author: Actor
  /** What of that time still counts. */
  readonly relations: ReadonlySet<Relation>
  /** How they stood to the ticket then, as far as their device held it. */
  readonly stood: readonly Relation[]
}

/**
 * Why a device held the ticket when the author acted; nobody online has such a past. It was theirs only if somebody
 * else took it from them, or the right to it: who gives a ticket away gives up the right to it.
 */
async function pastOf(context: CommandContext, ticketId: string): Promise<Past> {
  const { tx, actor, seen } = context
  const relations = new Set<Relation>()
  if (!Number.isFinite(seen)) return { author: actor, relations, stood: [] }
  const author = rightsAt(tx, actor, seen)
  const keys = await keysAt(tx, ticketId, scopeKeysOf(author), seen)
  const past = { author, relations, stood: keys.map(relationOfKey) }
  if (keys.length > 0) relations.add('held')
  const isTaken = changedMeanwhile(context, ticketId, 'assignee') !== null
  const isClosed = changedMeanwhile(context, ticketId, 'status') !== null
  if (!isTaken && !isClosed && author === actor) return past
  if (past.stood.includes('assigned')) relations.add('was-assigned')
  if (past.stood.includes('queue')) relations.add('was-queue')
  return past
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
      `${ticket.number} was reassigned meanwhile, and the new assignee has started on it.`,
      'A dispatcher decides whether your work counts. Your comments and work logs were accepted.',
    )
  }
  context.adjust(
    'credited-after-reassignment',
    `${ticket.number} was reassigned meanwhile; your work is credited to you.`,
  )
  return true
}
