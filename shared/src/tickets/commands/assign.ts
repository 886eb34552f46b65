/** Who works on a ticket, and in which department it is. */
import { z } from 'zod'
import { Id } from '../../values.ts'
import { givenTo } from '../overlay.ts'
import { ASSIGNEE, declare, OnTicket } from './on-ticket.ts'

export const claimTicket = declare({
  name: 'ticket.claim',
  input: OnTicket,
  output: z.void(),
  action: 'ticket.claim',
  codes: ['already-assigned', 'conflict'],
  buildsOn: ASSIGNEE,
  isDone: (view, { actor }) => view.assigneeId === actor.id,
  predict: (view, _input, { actor }) => (view.assigneeId === null ? givenTo(view, actor.id, actor.name) : null),
  rest: 'POST /tickets/{ticketId}/claim',
  answer: 'tickets.get',
  doc: 'Takes an unassigned ticket of the queue. The first one to claim it gets it.',
})

export const assignTicket = declare({
  name: 'ticket.assign',
  input: OnTicket.extend({ agentId: z.string().min(1) }),
  output: z.void(),
  action: 'ticket.assign',
  codes: ['conflict', 'superseded'],
  buildsOn: ASSIGNEE,
  predict: (view, { agentId }) => (view.assigneeId === agentId ? {} : givenTo(view, agentId)),
  sendsAway: true,
  rest: 'POST /tickets/{ticketId}/assign',
  answer: 'tickets.get',
  doc: 'Assigns a ticket to an agent.',
})

export const unassignTicket = declare({
  name: 'ticket.unassign',
  input: OnTicket,
  output: z.void(),
  action: 'ticket.unassign',
  codes: ['conflict', 'superseded'],
  buildsOn: ASSIGNEE,
  predict: (view) => (view.assigneeId === null ? {} : givenTo(view, null)),
  sendsAway: true,
  rest: 'POST /tickets/{ticketId}/unassign',
  answer: 'tickets.get',
  doc: 'Puts a ticket back into the queue of its department.',
})

export const transferTicket = declare({
  name: 'ticket.move',
  input: OnTicket.extend({ departmentId: Id }),
  output: z.void(),
  action: 'ticket.move',
  codes: ['conflict', 'department-disabled', 'superseded'],
  buildsOn: ASSIGNEE,
  predict(view, { departmentId }) {
    if (view.departmentId === departmentId) return {}
    const given = givenTo(view, null)
    return given === null ? null : { ...given, departmentId }
  },
  sendsAway: true,
  rest: 'POST /tickets/{ticketId}/move',
  answer: 'tickets.get',
  doc: 'Moves a ticket into the queue of another department.',
})
