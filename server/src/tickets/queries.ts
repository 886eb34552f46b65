/** Reading tickets, always within what the access table lets the reader see. */
import { sql, type ExpressionBuilder, type Expression, type SqlBool } from 'kysely'
import { z } from 'zod'
import { grantsOf, may, relationsOf, type Action, type Actor, type Relation } from '@rejoin/shared/access.ts'
import { OPEN_STATUSES, Status } from '@rejoin/shared/statuses.ts'
import { Priority } from '@rejoin/shared/priority.ts'
import { Id, Tag, type TicketView } from '@rejoin/shared/tickets.ts'
import type { Read, Tables } from '../core/db.ts'
import { eventPayload } from '../core/event-payload.ts'
import type { QueryContext } from '../core/trpc.ts'
import { projectTicket } from './projection.ts'
import { findTicket, getTicket, notFound, type TicketRow } from './rows.ts'

export { findTicket, getTicket, notFound, type TicketRow }

type Rows = ExpressionBuilder<Tables, 'ticket'>

/** Each relation of the access table as a condition on rows: the same rule that `relationsOf` asks of one ticket. */
const CONDITIONS: Partial<Record<Relation, (rows: Rows, actor: Actor) => Expression<SqlBool>>> = {
  own: (rows, actor) => rows('requesterId', '=', actor.id),
  assigned: (rows, actor) => rows('assigneeId', '=', actor.id),
  watched: (rows, actor) =>
    rows('ticket.id', 'in', rows.selectFrom('ticketWatcher').select('ticketId').where('userId', '=', actor.id)),
  department: (rows, actor) => inDepartments(rows, actor),
  queue: (rows, actor) =>
    rows.and([inDepartments(rows, actor), rows('assigneeId', 'is', null), rows('status', 'in', [...OPEN_STATUSES])]),
  any: (rows) => rows.lit(true),
}

function inDepartments(rows: Rows, { departments }: Actor): Expression<SqlBool> {
  return departments.length === 0 ? rows.lit(false) : rows('departmentId', 'in', [...departments])
}

/** The `where` of everything that lists tickets for `actor`. */
export function permitted(actor: Actor, action: Action) {
  return (rows: Rows): Expression<SqlBool> =>
    rows.or(grantsOf(actor, action).flatMap((relation) => CONDITIONS[relation]?.(rows, actor) ?? []))
}

/** A ticket as the reader may see it. Throws `Refusal('not-found')` for one they may not see at all. */
export async function ticketById(
  { read, actor }: QueryContext,
  { ticketId }: { ticketId: string },
): Promise<TicketView> {
  const ticket = getTicket(read, ticketId)
  const relations = relationsOf(actor, ticket)
  if (!may(actor, 'ticket.read', relations)) throw notFound(ticketId)
  const projection = projectTicket(read, ticketId)
  if (projection === null) throw notFound(ticketId)
  const { fields, lists } = projection
  const { description, notes } = ticket
  if (may(actor, 'ticket.read-internal', relations)) return { ...fields, ...lists, description, notes }
  const comments = lists.comments.filter(({ visibility }) => visibility === 'public')
  return { ...fields, comments, description, work: [], notes: '', watchers: [], skills: [], clockTerms: null }
}

/** What of a ticket's history its requester may read. */
const PUBLIC_EVENTS = new Set(['ticket-created', 'ticket-status-changed', 'ticket-assigned', 'comment-added'])

export async function ticketHistory({ read, actor }: QueryContext, { ticketId }: { ticketId: string }) {
  const ticket = getTicket(read, ticketId)
  const relations = relationsOf(actor, ticket)
  if (!may(actor, 'ticket.read', relations)) throw notFound(ticketId)
  const rows = await read.selectFrom('event').selectAll().where('subjectId', '=', ticketId).orderBy('id').execute()
  const events = rows.map((row) => ({ ...row, payload: eventPayload(read, row) }))
  if (may(actor, 'ticket.read-internal', relations)) return events
  return events.filter(({ type, payload }) => PUBLIC_EVENTS.has(type) && payload['visibility'] !== 'internal')
}

const RANK = sql<number>`case priority when 'urgent' then 3 when 'high' then 2 when 'medium' then 1 else 0 end`
const NEVER = 8_640_000_000_000_000

/** What a list can be sorted by; each is a number, so that a page can continue where the last one ended. */
const SORTS = {
  createdAt: sql<number>`ticket."createdAt"`,
  dueAt: sql<number>`coalesce(ticket."dueAt", ${sql.lit(NEVER)})`,
  priority: RANK,
  rev: sql<number>`ticket.rev`,
}

export const TicketFilter = z
  .object({
    status: z.array(Status).min(1).optional(),
    /** True: still somebody's work. False: resolved, closed or cancelled. */
    open: z.boolean().optional(),
    priority: z.array(Priority).min(1).optional(),
    departmentId: Id.optional(),
    /** Null: unassigned. */
    assigneeId: z.string().nullable().optional(),
    requesterId: z.string().optional(),
    tag: Tag.optional(),
    /** Part of the title or the number. */
    text: z.string().trim().min(1).max(200).optional(),
    sort: z.enum(['createdAt', 'dueAt', 'priority', 'rev']).default('createdAt'),
    order: z.enum(['asc', 'desc']).default('desc'),
    limit: z.int().min(1).max(200).default(50),
    /** `next` of the page before. */
    after: z.object({ value: z.number(), id: Id }).optional(),
  })
  .prefault({})
type TicketFilter = z.output<typeof TicketFilter>

const SUMMARY = [
  'ticket.id',
  'number',
  'title',
  'status',
  'priority',
  'type',
  'departmentId',
  'requesterId',
  'assigneeId',
  'createdAt',
  'dueAt',
  'rev',
] as const

/** A page of the tickets that the reader may see, and where the next one begins. */
export async function visibleTickets({ read, actor }: QueryContext, filter: TicketFilter) {
  const { sort, order, limit, after } = filter
  const key = SORTS[sort]
  let select = filtered(read, actor, filter).select([...SUMMARY, key.as('sortKey')])
  if (after !== undefined) {
    const beyond = order === 'asc' ? '>' : '<'
    select = select.where((rows) =>
      rows.or([
        rows(key, beyond, after.value),
        rows.and([rows(key, '=', after.value), rows('ticket.id', beyond, after.id)]),
      ]),
    )
  }
  const rows = await select
    .orderBy(key, order)
    .orderBy('ticket.id', order)
    .limit(limit + 1)
    .execute()
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return {
    tickets: page.map(({ sortKey: _, ...ticket }) => ticket),
    next: last === undefined ? null : { value: last.sortKey, id: last.id },
  }
}

function filtered(read: Read, actor: Actor, filter: TicketFilter) {
  let select = read.selectFrom('ticket').where(permitted(actor, 'ticket.read'))
  if (filter.status !== undefined) select = select.where('status', 'in', filter.status)
  if (filter.open !== undefined) select = select.where('status', filter.open ? 'in' : 'not in', [...OPEN_STATUSES])
  if (filter.priority !== undefined) select = select.where('priority', 'in', filter.priority)
  if (filter.departmentId !== undefined) select = select.where('departmentId', '=', filter.departmentId)
  if (filter.assigneeId === null) select = select.where('assigneeId', 'is', null)
  else if (filter.assigneeId !== undefined) select = select.where('assigneeId', '=', filter.assigneeId)
  if (filter.requesterId !== undefined) select = select.where('requesterId', '=', filter.requesterId)
  if (filter.tag !== undefined) {
    const tagged = read.selectFrom('ticketTag').select('ticketId').where('tag', '=', filter.tag)
    select = select.where('ticket.id', 'in', tagged)
  }
  if (filter.text !== undefined) {
    const pattern = `%${filter.text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
    select = select.where(sql<boolean>`(title like ${pattern} escape '\\' or number like ${pattern} escape '\\')`)
  }
  return select
}

/** The reader's work: their own open tickets and those they may take, the most urgent and oldest first. */
export async function workQueue({ read, actor }: QueryContext) {
  return read
    .selectFrom('ticket')
    .select(SUMMARY)
    .where(permitted(actor, 'ticket.replicate'))
    .where('status', 'in', [...OPEN_STATUSES])
    .orderBy(RANK, 'desc')
    .orderBy('createdAt')
    .orderBy('ticket.id')
    .limit(500)
    .execute()
}
