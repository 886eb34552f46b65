/** Who is responsible: claim, assign, unassign, move to another department. The office's choice wins over a device's. */
import * as declared from '@rejoin/shared/tickets/commands/assign.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { isOpen } from '@rejoin/shared/statuses.ts'
import { getAssignable, getPerson } from '../../accounts/queries.ts'
import { implement } from '../../../core/api/implement.ts'
import type { CommandContext } from '../../../core/command.ts'
import { getDepartment, getTaking } from '../../departments/queries.ts'
import { must } from '../authorize.ts'
import { getTicket, updateTicket, type TicketRow } from '../rows.ts'
import { changedMeanwhile, stampField } from '../stamps.ts'

export const claimTicket = implement(declared.claimTicket, { room: 'reserve' }, async (context, { ticketId }) => {
  const { actor, tx, adjust } = context
  const ticket = getTicket(tx, ticketId)
  if (ticket.assigneeId === actor.id) {
    adjust('already-done', `${ticket.number} is already assigned to you.`)
    return
  }
  await must(context, 'ticket.claim', ticket)
  if (ticket.assigneeId !== null) {
    const { name } = getPerson(tx, ticket.assigneeId)
    throw new Refusal('already-assigned', `${ticket.number} is already assigned to ${name}.`, 'Take another ticket.')
  }
  await giveTo(context, ticket, (await getAssignable(tx, actor.id)).id)
})

export const assignTicket = implement(
  declared.assignTicket,
  { room: 'reserve' },
  async (context, { ticketId, agentId }) => {
    const ticket = getTicket(context.tx, ticketId)
    await must(context, 'ticket.assign', ticket)
    const agent = await getAssignable(context.tx, agentId)
    if (ticket.assigneeId === agent.id) {
      context.adjust('already-done', `${ticket.number} is already assigned to ${agent.name}.`)
      return
    }
    refuseWhenDecidedMeanwhile(context, ticket)
    await giveTo(context, ticket, agent.id)
  },
)

export const unassignTicket = implement(declared.unassignTicket, { room: 'reserve' }, async (context, { ticketId }) => {
  const ticket = getTicket(context.tx, ticketId)
  await must(context, 'ticket.unassign', ticket)
  if (ticket.assigneeId === null) {
    context.adjust('already-done', `${ticket.number} is already unassigned.`)
    return
  }
  refuseWhenDecidedMeanwhile(context, ticket)
  await giveTo(context, ticket, null)
})

export const transferTicket = implement(
  declared.transferTicket,
  { room: 'reserve' },
  async (context, { ticketId, departmentId }) => {
    const { tx, adjust } = context
    const ticket = getTicket(tx, ticketId)
    await must(context, 'ticket.move', ticket)
    const department = getDepartment(tx, departmentId)
    if (ticket.departmentId === departmentId) {
      adjust('already-done', `${ticket.number} is already in ${department.name}.`)
      return
    }
    refuseWhenDecidedMeanwhile(context, ticket)
    getTaking(tx, departmentId)
    await giveTo(context, ticket, null)
    updateTicket(context, ticketId, { departmentId })
    await context.event({
      subject: 'ticket',
      subjectId: ticketId,
      type: 'ticket-moved',
      payload: { from: ticket.departmentId, to: departmentId },
    })
  },
)

/** Makes somebody (or nobody) responsible. The new assignee has not started. */
export async function giveTo(context: CommandContext, ticket: TicketRow, agentId: string | null): Promise<void> {
  if (!isOpen(ticket.status)) {
    throw new Refusal('conflict', `${ticket.number} is ${ticket.status}, so it cannot be assigned.`, 'Reopen it first.')
  }
  stampField(context, ticket.id, 'assignee')
  updateTicket(context, ticket.id, { assigneeId: agentId, startedAt: null })
  if (agentId === ticket.assigneeId) return
  const about = { subject: 'ticket', subjectId: ticket.id } as const
  const from = ticket.assigneeId
  if (agentId === null) await context.event({ ...about, type: 'ticket-unassigned', payload: { from, to: null } })
  else await context.event({ ...about, type: 'ticket-assigned', payload: { from, to: agentId } })
}

function refuseWhenDecidedMeanwhile(context: CommandContext, ticket: TicketRow): void {
  if (changedMeanwhile(context, ticket.id, 'assignee') === null) return
  throw new Refusal(
    'superseded',
    `${ticket.number} was reassigned meanwhile; that assignment stands.`,
    'Check the current state of the ticket and decide again.',
  )
}
