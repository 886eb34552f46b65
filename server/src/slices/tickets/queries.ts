/** Reading tickets, always within what the access table lets the reader see. */
import { sql, type ExpressionBuilder, type Expression, type SqlBool } from 'kysely'
import { grantsOf, may, relationsOf, type Action, type Actor, type Relation } from '@rejoin/shared/access/access.ts'
import { OPEN_STATUSES } from '@rejoin/shared/statuses.ts'
import type { OutOf } from '@rejoin/shared/contract/operation.ts'
import type { Tables } from '../../core/storage/db.ts'
import type { QueryContext } from '../../core/api/procedures.ts'
import type { get } from './contract.ts'
import { newestOn } from './pages.ts'
import { projectFields, type ClockFields } from './projection.ts'
import { findTicket, getTicket, notFound, type TicketRow } from './rows.ts'

export { findTicket, getTicket, notFound, type TicketRow }

type Rows = ExpressionBuilder<Tables, 'ticket'>

/** Each relation of the access table as a condition on rows: the same rule that `relationsOf` asks of one ticket. */
const CONDITIONS: Partial<Record<Relation, (rows: Rows, actor: Actor) => Expression<SqlBool>>> = {
  own: (rows, actor) => rows('ticket.requesterId', '=', actor.id),
  assigned: (rows, actor) => rows('ticket.assigneeId', '=', actor.id),
  // Looks each row up by its key, instead of collecting all tickets that the person watches at the first row.
  watched: (_rows, actor) =>
    sql`exists (select 1 from "ticketWatcher" where "ticketId" = ticket.id and "userId" = ${actor.id})`,
  department: (rows, actor) => inDepartments(rows, actor),
  queue: (rows, actor) =>
    rows.and([
      inDepartments(rows, actor),
      rows('ticket.assigneeId', 'is', null),
      rows('ticket.status', 'in', [...OPEN_STATUSES]),
    ]),
  any: (rows) => rows.lit(true),
}

function inDepartments(rows: Rows, { departments }: Actor): Expression<SqlBool> {
  return departments.length === 0 ? rows.lit(false) : rows('ticket.departmentId', 'in', [...departments])
}

/**
 * Whether `actor` may do it, asked of each ticket that some index has found: the `+` keeps SQLite from looking for all
 * tickets of a department instead. `list-parts.ts` lists the tickets that the reader may see.
 */
export function permitted(actor: Actor, action: Action) {
  return (rows: Rows): Expression<SqlBool> =>
    sql`+(${rows.or(grantsOf(actor, action).flatMap((relation) => CONDITIONS[relation]?.(rows, actor) ?? []))})`
}

/** A ticket as the reader may see it. Throws `Refusal('not-found')` for one they may not see at all. */
export const ticketById =
  (clockFields: ClockFields) =>
  async ({ read, actor }: QueryContext, { ticketId }: { ticketId: string }): Promise<OutOf<typeof get>> => {
    const ticket = getTicket(read, ticketId)
    const relations = relationsOf(actor, ticket)
    if (!may(actor, 'ticket.read', relations)) throw notFound(ticketId)
    const fields = projectFields(read, ticketId, clockFields)
    if (fields === null) throw notFound(ticketId)
    const { description, notes } = ticket
    const isInternal = may(actor, 'ticket.read-internal', relations)
    const { comments, work } = await newestOn(read, ticketId, isInternal)
    const lists = { comments: comments.items, work: work.items, older: { comments: comments.next, work: work.next } }
    if (isInternal) return { ...fields, ...lists, description, notes }
    return { ...fields, ...lists, description, notes: '', watchers: [], skills: [], clockTerms: null }
  }
