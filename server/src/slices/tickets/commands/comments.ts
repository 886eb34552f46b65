/** Comments and work logs. They are only ever added to a ticket, so they never conflict. */
import { sql } from 'kysely'
import * as declared from '@rejoin/shared/tickets/commands/comments.ts'
import type { ParsedOf } from '@rejoin/shared/contract/operation.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { categoryOf } from '@rejoin/shared/statuses.ts'
import { implement } from '../../../core/api/implement.ts'
import type { CommandContext } from '../../../core/command.ts'
import { insertRow, prepared } from '../../../core/storage/prepared.ts'
import { must } from '../authorize.ts'
import { getTicket, updateTicket, type TicketRow } from '../rows.ts'
import { stampField } from '../stamps.ts'

export const addComment = implement(declared.addComment, async (context, input) => {
  const ticket = getTicket(context.tx, input.ticketId)
  await must(context, input.visibility === 'public' ? 'comment.public' : 'comment.internal', ticket)
  await insertComment(context, ticket, input)
  if (input.visibility === 'public') await answerOrReturn(context, ticket)
  markStarted(context, ticket)
})

export const logWork = implement(declared.logWork, async (context, { ticketId, workId, minutes, note }) => {
  const { tx, actor, effectiveAt, now, seq, event, show } = context
  const ticket = getTicket(tx, ticketId)
  await must(context, 'work.log', ticket)
  if (workById(tx, { id: workId }).length > 0)
    throw new Refusal('id-taken', 'workId: there is already a work log with this id.')
  insertRow(tx, 'workLog', {
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
  await event({ subject: 'ticket', subjectId: ticketId, type: 'work-logged', payload: { workId, minutes } })
  markStarted(context, ticket)
  show(ticketId)
})

const commentById = prepared<{ id: string }>()((read, param) =>
  read.selectFrom('comment').select('id').where('id', '=', param('id')),
)

const workById = prepared<{ id: string }>()((read, param) =>
  read.selectFrom('workLog').select('id').where('id', '=', param('id')),
)

/** The first public message of the requester that is later than the author's act; null online and for history. */
export function requesterWroteAfter(
  { tx, effectiveAt, now, isHistory }: CommandContext,
  { id: ticketId, requesterId }: TicketRow,
): { at: number } | null {
  if (isHistory || effectiveAt >= now) return null
  return messagesAfter(tx, { ticketId, requesterId, effectiveAt })[0] ?? null
}

const messagesAfter = prepared<{ ticketId: string; requesterId: string; effectiveAt: number }>()((read, param) =>
  read
    .selectFrom('comment')
    .select('createdAt as at')
    .where('ticketId', '=', param('ticketId'))
    .where('authorId', '=', param('requesterId'))
    .where('visibility', '=', 'public')
    .where('createdAt', '>', param('effectiveAt'))
    .orderBy('createdAt')
    .limit(sql.lit(1)),
)

export async function insertComment(
  { tx, actor, effectiveAt, now, seq, event, show, fills }: CommandContext,
  ticket: TicketRow,
  { commentId, body, visibility }: Omit<ParsedOf<typeof declared.addComment>, 'ticketId'>,
): Promise<void> {
  if (commentById(tx, { id: commentId }).length > 0)
    throw new Refusal('id-taken', 'commentId: there is already a comment with this id.')
  fills()
  insertRow(tx, 'comment', {
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
    if (ticket.firstRespondedAt === null) updateTicket(context, ticket.id, { firstRespondedAt: now })
    return
  }
  if (categoryOf(ticket.status) !== 'waiting') return
  stampField(context, ticket.id, 'status')
  updateTicket(context, ticket.id, { status: 'open', statusReason: null })
  const payload = { from: ticket.status, to: 'open', reason: 'The requester wrote.', resolution: null } as const
  await event({ subject: 'ticket', subjectId: ticket.id, type: 'ticket-status-changed', payload })
}

/** A ticket is started when its assignee first does something on it. */
export function markStarted(context: CommandContext, ticket: TicketRow): void {
  if (ticket.startedAt !== null || ticket.assigneeId !== context.actor.id) return
  updateTicket(context, ticket.id, { startedAt: context.effectiveAt })
}
