/**
 * The notifications: each with its payload, the event that tells it, and who hears of it. A notification of a ticket is
 * called as its event, and carries its payload and the ticket's number.
 */
import { may, relationsOf, type Action, type Actor } from '@rejoin/shared/access/access.ts'
import { approversOf } from '../accounts/people/queries.ts'
import { findPerson, getAuthor, getPerson } from '../accounts/queries.ts'
import type { CommandContext } from '../../core/command.ts'
import type { Events, EventType, Recorded } from '../../core/events.ts'
import { getTicket, type TicketRow } from '../tickets/queries.ts'

type OfTicket =
  | 'ticket-assigned'
  | 'comment-added'
  | 'ticket-status-changed'
  | 'sla-level-reached'
  | 'sla-breached'
  | 'sla-breach-confirmed'
  | 'sla-breach-taken-back'
  | 'command-parked'
  | 'command-decided'
  | 'backdate-approved'

type WithNumber<Type extends OfTicket> = Events[Type]['payload'] & { readonly number: string }
type TicketNotices = { readonly [Type in OfTicket]: WithNumber<Type> }

/** Every notification by its type, with its payload. */
export interface Notices extends TicketNotices {
  /** Somebody registered and waits for approval. */
  readonly 'approval-needed': { readonly userId: string; readonly name: string; readonly role: Actor['role'] }
  readonly 'user-approved': Events['user-approved']['payload']
  /** Read by somebody whose account an administrator enables after all. */
  readonly 'user-rejected': Events['user-rejected']['payload']
}

interface Notice<Type extends keyof Notices, Payload> {
  readonly type: Type
  readonly ticketId: string | null
  readonly payload: Payload
  readonly userIds: readonly string[]
}

type Tell<Type extends EventType, Told extends keyof Notices, Payload = Notices[Told]> = (
  context: CommandContext,
  event: Recorded<Type>,
) => Notice<Told, Payload> | null | Promise<Notice<Told, Payload> | null>

type Told<Type extends EventType> = Type extends keyof Notices ? Type : 'approval-needed'

type Telling = OfTicket | 'user-joined' | 'user-approved' | 'user-rejected'

const TELLING: { readonly [Type in Telling]: Tell<Type, Told<Type>> } = {
  'ticket-assigned': ofTicket((_context, { assigneeId }) => present(assigneeId)),
  'comment-added': ofTicket<'comment-added'>((context, ticket, { payload }) => {
    const action = payload.visibility === 'public' ? 'ticket.read' : 'ticket.read-internal'
    return readers(context, ticket, action, [...present(ticket.assigneeId), ...ticket.watcherIds, ticket.requesterId])
  }),
  'ticket-status-changed': ofTicket((context, ticket) =>
    readers(context, ticket, 'ticket.read', [ticket.requesterId, ...ticket.watcherIds]),
  ),
  'sla-level-reached': ofTicket(recipients),
  'sla-breached': ofTicket(recipients),
  'sla-breach-confirmed': ofTicket(recipients),
  'sla-breach-taken-back': ofTicket(recipients),
  'command-parked': ofTicket((context, ticket) => membersWho(context, ticket, 'parked.review')),
  'command-decided': ofTicket(author),
  'backdate-approved': ofTicket(author),
  'user-joined': async ({ tx }, { subjectId, payload }) => {
    if (payload.status !== 'pending') return null
    const { name, role, departments } = getAuthor(tx, subjectId)
    const notice = { userId: subjectId, name, role }
    return { type: 'approval-needed', ticketId: null, payload: notice, userIds: await approversOf(tx, departments) }
  },
  'user-approved': (_context, { type, subjectId, payload }) => ({
    type,
    ticketId: null,
    payload,
    userIds: [subjectId],
  }),
  'user-rejected': (_context, { type, subjectId, payload }) => ({
    type,
    ticketId: null,
    payload,
    userIds: [subjectId],
  }),
}

/** What each event tells. An event that is not named here notifies nobody. */
export const TOLD: { readonly [Type in EventType]?: Tell<Type, Told<Type>> } = TELLING

function ofTicket<Type extends OfTicket>(
  audience: (
    context: CommandContext,
    ticket: TicketRow,
    event: Recorded<Type>,
  ) => readonly string[] | Promise<readonly string[]>,
): Tell<Type, Type, WithNumber<Type>> {
  return async (context, event) => {
    if (event.subject !== 'ticket') return null
    const ticket = getTicket(context.tx, event.subjectId)
    const payload = { ...event.payload, number: ticket.number }
    return { type: event.type, ticketId: ticket.id, payload, userIds: await audience(context, ticket, event) }
  }
}

/** Of the ticket's department those who may do this there: its supervisors, and custom roles that may. */
async function membersWho({ tx }: CommandContext, { departmentId }: TicketRow, action: Action): Promise<string[]> {
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

/** The recipients that the event itself names. */
function recipients(
  _context: CommandContext,
  _ticket: TicketRow,
  { payload }: { readonly payload: { readonly recipients: readonly string[] } },
): readonly string[] {
  return payload.recipients
}

/** The author of the work. */
function author(
  _context: CommandContext,
  _ticket: TicketRow,
  { payload }: { readonly payload: { readonly authorId: string } },
): string[] {
  return [payload.authorId]
}

function present(id: string | null): string[] {
  return id === null ? [] : [id]
}
