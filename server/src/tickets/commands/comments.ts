/** What is only ever added to a ticket: comments and work logs. They never conflict. */
import { AddComment, LogWork, type ParsedOf } from '@rejoin/shared/commands.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { categoryOf } from '@rejoin/shared/statuses.ts'
import { command, type CommandContext } from '../../core/commit/command.ts'
import { insertRow } from '../../core/prepared.ts'
import { must } from '../authorize.ts'
import { getTicket, updateTicket, type TicketRow } from '../rows.ts'
import { stampField } from '../stamps.ts'

export const addComment = command({
  name: 'comment.add',
  input: AddComment,
  async run(context, input) {
    const ticket = await getTicket(context.tx, input.ticketId)
    await must(context, input.visibility === 'public' ? 'comment.public' : 'comment.internal', ticket)
    await insertComment(context, ticket, input)
    if (input.visibility === 'public') await answerOrReturn(context, ticket)
    await markStarted(context, ticket)
  },
})

export const logWork = command({
  name: 'work.log',
  input: LogWork,
  async run(context, { ticketId, workId, minutes, note }) {
    const { tx, actor, effectiveAt, now, seq, event, show } = context
    const ticket = await getTicket(tx, ticketId)
    await must(context, 'work.log', ticket)
    const taken = await tx.selectFrom('workLog').select('id').where('id', '=', workId).executeTakeFirst()
    if (taken !== undefined) throw new Refusal('id-taken', 'workId: there is a work log with this id already.')
    await tx
      .insertInto('workLog')
      .values({
        id: workId,
        ticketId,
        authorId: actor.id,
        authorName: actor.name,
        minutes,
        note: note ?? null,
        createdAt: effectiveAt,
        recordedAt: now,
        seq,
      })
      .execute()
    await event({ subject: 'ticket', subjectId: ticketId, type: 'work-logged', payload: { workId, minutes } })
    await markStarted(context, ticket)
    show(ticketId)
  },
})

export async function insertComment(
  { tx, actor, effectiveAt, now, seq, event, show }: CommandContext,
  ticket: TicketRow,
  { commentId, body, visibility }: Omit<ParsedOf<'comment.add'>, 'ticketId'>,
): Promise<void> {
  const taken = await tx.selectFrom('comment').select('id').where('id', '=', commentId).executeTakeFirst()
  if (taken !== undefined) throw new Refusal('id-taken', 'commentId: there is a comment with this id already.')
  await insertRow(tx, 'comment', {
    id: commentId,
    ticketId: ticket.id,
    authorId: actor.id,
    authorName: actor.name,
    body,
    visibility,
    createdAt: effectiveAt,
    recordedAt: now,
    seq,
  })
  const byRequester = ticket.requesterId === actor.id
  const payload = { commentId, visibility, byRequester }
  await event({ subject: 'ticket', subjectId: ticket.id, type: 'comment-added', payload })
  show(ticket.id)
}

/** A public reply answers the requester when it is delivered; the requester's own message ends a wait. */
async function answerOrReturn(context: CommandContext, ticket: TicketRow): Promise<void> {
  const { actor, now, event } = context
  if (ticket.requesterId !== actor.id) {
    if (ticket.firstRespondedAt === null) await updateTicket(context, ticket.id, { firstRespondedAt: now })
    return
  }
  if (categoryOf(ticket.status) !== 'waiting') return
  await stampField(context, ticket.id, 'status')
  await updateTicket(context, ticket.id, { status: 'open', statusReason: null })
  const payload = { from: ticket.status, to: 'open', reason: 'The requester wrote.', resolution: null }
  await event({ subject: 'ticket', subjectId: ticket.id, type: 'ticket-status-changed', payload })
}

/** A ticket is started when its assignee first does something on it. */
export async function markStarted(context: CommandContext, ticket: TicketRow): Promise<void> {
  if (ticket.startedAt !== null || ticket.assigneeId !== context.actor.id) return
  await updateTicket(context, ticket.id, { startedAt: context.effectiveAt })
}
