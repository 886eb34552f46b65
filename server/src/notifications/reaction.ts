/**
 * Writes in-app notifications for what happens to tickets, in the same transaction. Nobody is told of their own doing,
 * or of what they may not read.
 */
import { may, relationsOf, type Action } from '@rejoin/shared/access.ts'
import type { CommandContext, Event } from '../core/commit/command.ts'
import { getTicket, type TicketRow } from '../tickets/queries.ts'

/** Who hears of which event. */
const AUDIENCE: Readonly<
  Record<string, (context: CommandContext, ticket: TicketRow, event: Event) => Promise<string[]>>
> = {
  'ticket-assigned': async (_context, ticket) => present(ticket.assigneeId),
  'comment-added': async (context, ticket, { payload }) => {
    const action = payload['visibility'] === 'public' ? 'ticket.read' : 'ticket.read-internal'
    return readers(context, ticket, action, [...present(ticket.assigneeId), ...ticket.watcherIds, ticket.requesterId])
  },
  'ticket-status-changed': async (context, ticket) =>
    readers(context, ticket, 'ticket.read', [ticket.requesterId, ...ticket.watcherIds]),
  'sla-breached': async ({ tx }, ticket) => {
    const supervisors = await tx
      .selectFrom('user')
      .innerJoin('membership', 'membership.userId', 'user.id')
      .select('user.id')
      .where('user.role', '=', 'supervisor')
      .where('membership.departmentId', '=', ticket.departmentId ?? '')
      .execute()
    return [...present(ticket.assigneeId), ...supervisors.map(({ id }) => id)]
  },
}

export async function notify(context: CommandContext, event: Event): Promise<void> {
  if (context.isHistory) return
  const audience = AUDIENCE[event.type]
  if (audience === undefined) return
  const ticket = await getTicket(context.tx, event.subjectId)
  const userIds = new Set(await audience(context, ticket, event))
  userIds.delete(event.actorId)
  for (const userId of userIds) {
    const row = { id: context.newId(), userId, type: event.type, ticketId: ticket.id, createdAt: event.recordedAt }
    await context.tx
      .insertInto('notification')
      .values({ ...row, payload: JSON.stringify({ ...event.payload, number: ticket.number }), readAt: null })
      .execute()
  }
}

/** Those of `userIds` who may read it, as requester, assignee or watcher of the ticket. */
async function readers(
  { tx }: CommandContext,
  ticket: TicketRow,
  action: Action,
  userIds: readonly string[],
): Promise<string[]> {
  const people = await tx
    .selectFrom('user')
    .select(['id', 'name', 'role'])
    .where('id', 'in', [...userIds])
    .execute()
  return people
    .filter((person) => may(person, action, relationsOf({ ...person, departments: [] }, ticket)))
    .map(({ id }) => id)
}

function present(id: string | null): string[] {
  return id === null ? [] : [id]
}
