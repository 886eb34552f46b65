/** Where a ticket stands: transition, resolve, reopen, close, cancel. */
import { z } from 'zod'
import { canTransition, isOpen, needsReason, OWN_COMMAND, Status } from '../../statuses.ts'
import { changedStatus } from '../overlay.ts'
import { Body, Reason } from '../ticket.ts'
import { declare, OnTicket, STATUS, WithReason } from './on-ticket.ts'

export const transitionTicket = declare({
  name: 'ticket.transition',
  input: OnTicket.extend({ to: Status, reason: Reason.optional() }),
  output: z.void(),
  action: 'ticket.transition',
  codes: ['no-path', 'reassigned'],
  buildsOn: STATUS,
  predict(view, { to, reason }, acting) {
    if (needsReason(to) && reason === undefined) return null
    if (view.status === to && OWN_COMMAND[to] === undefined) return {}
    return canTransition(view.status, to) ? changedStatus(view, to, acting, reason) : null
  },
  sendsAway: ({ to }) => !isOpen(to),
  rest: 'POST /tickets/{ticketId}/transition',
  answer: 'tickets.get',
  doc: 'Changes the status of a ticket. A waiting status needs a reason; resolving, closing and cancelling are commands of their own.',
})

export const resolveTicket = declare({
  name: 'ticket.resolve',
  input: OnTicket.extend({ resolution: Body }),
  output: z.void(),
  action: 'ticket.resolve',
  codes: ['no-path', 'reassigned', 'too-large'],
  buildsOn: STATUS,
  predict(view, { resolution }, acting) {
    if (view.status === 'resolved') return {}
    const change = changedStatus(view, 'resolved', acting)
    return change === null ? null : { ...change, resolution }
  },
  sendsAway: true,
  rest: 'POST /tickets/{ticketId}/resolve',
  answer: 'tickets.get',
  doc: 'Resolves a ticket with what was done. Of two resolutions the earlier one stands, and the other is kept as a note.',
})

export const reopenTicket = declare({
  name: 'ticket.reopen',
  input: WithReason,
  output: z.void(),
  action: 'ticket.reopen',
  codes: ['no-path', 'reassigned'],
  buildsOn: STATUS,
  predict(view, { reason }, acting) {
    if (view.status !== 'resolved') return null
    const change = changedStatus(view, 'in_progress', acting, reason)
    return change === null ? null : { ...change, reopenCount: view.reopenCount + 1 }
  },
  rest: 'POST /tickets/{ticketId}/reopen',
  answer: 'tickets.get',
  doc: 'Reopens a resolved ticket.',
})

export const closeTicket = declare({
  name: 'ticket.close',
  input: OnTicket,
  output: z.void(),
  action: 'ticket.close',
  codes: ['no-path', 'reassigned'],
  buildsOn: STATUS,
  predict: (view, _input, acting) => changedStatus(view, 'closed', acting),
  sendsAway: true,
  rest: 'POST /tickets/{ticketId}/close',
  answer: 'tickets.get',
  doc: 'Closes a resolved ticket for good.',
})

export const cancelTicket = declare({
  name: 'ticket.cancel',
  input: WithReason,
  output: z.void(),
  action: 'ticket.cancel',
  codes: ['no-path', 'reassigned'],
  buildsOn: STATUS,
  predict: (view, { reason }, acting) => changedStatus(view, 'cancelled', acting, reason),
  sendsAway: true,
  rest: 'POST /tickets/{ticketId}/cancel',
  answer: 'tickets.get',
  doc: 'Cancels a ticket that nobody has begun to work on.',
})
