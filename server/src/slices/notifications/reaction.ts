/**
 * Writes in-app notifications for what happens to tickets, in the same transaction. Nobody is told of their own doing,
 * or of what they may not read.
 */
import { may, relationsOf, type Action } from '@rejoin/shared/access/access.ts'
import { findPerson, getPerson } from '../accounts/queries.ts'
import type { CommandContext, Event } from '../../core/command.ts'
import { getTicket, type TicketRow } from '../tickets/queries.ts'
import { tell } from './tell.ts'

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
  'sla-level-reached': recipients,
  'sla-breached': recipients,
  'sla-breach-confirmed': recipients,
  'sla-breach-taken-back': recipients,
  'command-parked': (context, ticket) => membersWho(context, ticket, 'parked.review'),
  'command-decided': async (_context, _ticket, { payload }) => [String(payload['authorId'])],
  'backdate-approved': async (_context, _ticket, { payload }) => [String(payload['authorId'])],
}

export async function notify(context: CommandContext, event: Event): Promise<void> {
  if (context.isHistory) return
  const audience = AUDIENCE[event.type]
  if (audience === undefined || event.subject !== 'ticket') return
  const ticket = getTicket(context.tx, event.subjectId)
  tellOfTicket(context, ticket, event, await audience(context, ticket, event))
}

/** Writes a notification for each of `userIds` but the author. */
export function tellOfTicket(
  context: CommandContext,
  ticket: TicketRow,
  { type, actorId, payload }: Pick<Event, 'type' | 'actorId' | 'payload'>,
  userIds: readonly string[],
): void {
  const notice = { type, ticketId: ticket.id, payload: { ...payload, number: ticket.number } }
  tell(
    context,
    notice,
    userIds.filter((userId) => userId !== actorId),
  )
}

/** Of the ticket's department those who may do this there: its supervisors, and custom roles that may. */
export async function membersWho(
  { tx }: CommandContext,
  { departmentId }: TicketRow,
  action: Action,
): Promise<string[]> {
  const members = await tx
    .selectFrom('user')
    .innerJoin('membership', 'membership.userId', 'user.id')
    .select('user.id')
    .where((row) => row.or([row('role', '=', 'supervisor'), row('customRoleId', 'is not', null)]))
    .where('membership.departmentId', '=', departmentId ?? '')
    .execute()
  return members.map(({ id }) => id).filter((id) => may(getPerson(tx, id), action, new Set(['department', 'any'])))
}

/** Those of `userIds` who may read it, as requester, assignee or watcher of the ticket. */
function readers({ tx }: CommandContext, ticket: TicketRow, action: Action, userIds: readonly string[]): string[] {
  const people = [...new Set(userIds)].flatMap((id) => findPerson(tx, id) ?? [])
  return people
    .filter((person) => may(person, action, relationsOf({ ...person, departments: [] }, ticket)))
    .map(({ id }) => id)
}

/** Whom the event itself names. */
async function recipients(_context: CommandContext, _ticket: TicketRow, { payload }: Event): Promise<string[]> {
  return payload['recipients'] as string[]
}

function present(id: string | null): string[] {
  return id === null ? [] : [id]
}
