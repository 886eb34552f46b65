/**
 * Status: transition, resolve, reopen, close, cancel. A device's moves are replayed from the server's present state.
 */
import * as declared from '@rejoin/shared/tickets/commands/status.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { earlierResolve } from '@rejoin/shared/tickets/merge.ts'
import { canBecome, categoryOf, needsReason, OWN_COMMAND, type Status } from '@rejoin/shared/statuses.ts'
import { implement } from '../../../core/api/implement.ts'
import type { CommandContext } from '../../../core/command.ts'
import { giveTo } from './assign.ts'
import { must, mustOwnWork } from '../authorize.ts'
import { insertComment, markStarted, requesterWroteAfter } from './comments.ts'
import { getTicket, updateTicket, type TicketRow } from '../rows.ts'
import { changedMeanwhile, stampField } from '../stamps.ts'

export const transitionTicket = implement(
  declared.transitionTicket,
  { room: 'reserve' },
  async (context, { ticketId, to, reason }) => {
    const ticket = getTicket(context.tx, ticketId)
    const credited = await mustOwnWork(context, 'ticket.transition', ticket)
    const own = OWN_COMMAND[to]
    if (own !== undefined)
      throw new Refusal('invalid', `to: use ${own} to make a ticket ${to}.`, `Send ${own} instead.`)
    if (ticket.status === 'resolved') {
      throw new Refusal('no-path', `${ticket.number} is resolved.`, 'Reopen it with ticket.reopen.')
    }
    if (needsReason(to) && reason === undefined) {
      throw new Refusal(
        'invalid',
        'reason: required; name the reason for waiting.',
        'Send the reason with the transition.',
      )
    }
    // A person who approves one step does not take the ticket from its present assignee.
    if (credited && context.approver === null) await giveTo(context, ticket, context.actor.id)
    await changeStatus(context, ticket, to, { statusReason: reason ?? null })
  },
)

export const resolveTicket = implement(
  declared.resolveTicket,
  { room: 'reserve' },
  async (context, { ticketId, resolution }) => {
    const { actor, effectiveAt } = context
    const ticket = getTicket(context.tx, ticketId)
    const isMoved = changedMeanwhile(context, ticketId, 'status') !== null
    if (isMoved && categoryOf(ticket.status) === 'closed') {
      await must(context, 'ticket.resolve', ticket)
      await keepAsNote(context, ticket, resolution)
      context.adjust(
        'closed-meanwhile',
        `${ticket.number} was ${ticket.status} meanwhile; your resolution was added as a note.`,
      )
      return
    }
    const message = ticket.status === 'resolved' ? null : requesterWroteAfter(context, ticket)
    if (message !== null) {
      context.adjust(
        'reopened-meanwhile',
        `The requester wrote on ${ticket.number} after you resolved it, so it was reopened.`,
        'Read the message.',
      )
    }
    const credited = await mustOwnWork(context, 'ticket.resolve', ticket)
    if (isMoved && ticket.status === 'resolved') {
      await resolveAgain(context, ticket, resolution)
      return
    }
    // A ticket that is open again stays with its present assignee.
    if (credited && message === null) await giveTo(context, ticket, actor.id)
    await changeStatus(context, ticket, 'resolved', { statusReason: null, resolution, resolvedAt: effectiveAt })
    if (message !== null) await reopenBy(context, ticket, message)
  },
)

export const reopenTicket = implement(
  declared.reopenTicket,
  { room: 'reserve' },
  async (context, { ticketId, reason }) => {
    const ticket = getTicket(context.tx, ticketId)
    await mustOwnWork(context, 'ticket.reopen', ticket)
    if (ticket.status !== 'resolved') {
      throw new Refusal('no-path', `${ticket.number} is ${ticket.status}, not resolved.`, 'Open a new ticket instead.')
    }
    const reopenCount = ticket.reopenCount + 1
    await changeStatus(context, ticket, 'in_progress', { statusReason: reason ?? null, resolvedAt: null, reopenCount })
  },
)

export const closeTicket = implement(declared.closeTicket, { room: 'reserve' }, async (context, { ticketId }) => {
  const ticket = getTicket(context.tx, ticketId)
  await mustOwnWork(context, 'ticket.close', ticket)
  await changeStatus(context, ticket, 'closed', { closedAt: context.effectiveAt })
})

export const cancelTicket = implement(
  declared.cancelTicket,
  { room: 'reserve' },
  async (context, { ticketId, reason }) => {
    const ticket = getTicket(context.tx, ticketId)
    await mustOwnWork(context, 'ticket.cancel', ticket)
    await changeStatus(context, ticket, 'cancelled', { statusReason: reason ?? null, closedAt: context.effectiveAt })
  },
)

/** Changes the status along the transition table. A change that is already made is no error; one without a path is. */
async function changeStatus(
  context: CommandContext,
  ticket: TicketRow,
  to: Status,
  change: Parameters<typeof updateTicket>[2],
): Promise<void> {
  if (ticket.status === to) {
    context.adjust('already-done', `${ticket.number} is already ${to}.`)
    return
  }
  if (!canBecome(ticket.status, to)) {
    throw new Refusal(
      'no-path',
      `${ticket.number} is ${ticket.status} and cannot become ${to}.`,
      'Check the current state of the ticket.',
    )
  }
  stampField(context, ticket.id, 'status')
  updateTicket(context, ticket.id, { ...change, status: to })
  if (to === 'in_progress') markStarted(context, ticket)
  await context.event({
    subject: 'ticket',
    subjectId: ticket.id,
    type: 'ticket-status-changed',
    payload: { from: ticket.status, to, reason: change.statusReason ?? null, resolution: change.resolution ?? null },
  })
}

/** The message of the requester that came after the ticket was resolved reopens it, at the time of the message. */
async function reopenBy(context: CommandContext, ticket: TicketRow, message: { at: number }): Promise<void> {
  const statusReason = 'The requester wrote.'
  const reopenCount = ticket.reopenCount + 1
  updateTicket(context, ticket.id, { status: 'in_progress', statusReason, resolvedAt: null, reopenCount })
  await context.event({
    subject: 'ticket',
    subjectId: ticket.id,
    type: 'ticket-status-changed',
    actorId: ticket.requesterId,
    effectiveAt: message.at,
    payload: { from: 'resolved', to: 'in_progress', reason: statusReason, resolution: null },
  })
}

/** Two resolves: the earlier one stands, and the words of the other are kept. */
async function resolveAgain(context: CommandContext, ticket: TicketRow, resolution: string): Promise<void> {
  const { effectiveAt, actor } = context
  const earlier = earlierResolve(effectiveAt, ticket.resolvedAt ?? effectiveAt)
  await keepAsNote(context, ticket, (earlier ? ticket.resolution : resolution) ?? '')
  if (earlier) {
    updateTicket(context, ticket.id, { resolution, resolvedAt: effectiveAt })
    const payload = { from: ticket.resolvedAt, to: effectiveAt, by: actor.id }
    await context.event({ subject: 'ticket', subjectId: ticket.id, type: 'ticket-resolved-earlier', payload })
  }
  const which = earlier
    ? 'your resolution was earlier and stands'
    : 'the earlier resolution stands and yours was added as a note'
  context.adjust('already-resolved', `${ticket.number} was also resolved by another person: ${which}.`)
}

async function keepAsNote(context: CommandContext, ticket: TicketRow, resolution: string): Promise<void> {
  const body = `Resolution: ${resolution}`
  await insertComment(context, ticket, { commentId: context.newId(), body, visibility: 'internal' })
}
