/** Lists of tickets: what can be asked for, a page at a time, and the reader's own work. */
import { sql } from 'kysely'
import type { ParsedOf } from '@rejoin/shared/contract/operation.ts'
import { Priority, rankOf } from '@rejoin/shared/priority.ts'
import { isOpen, OPEN_STATUSES, Status } from '@rejoin/shared/statuses.ts'
import type { Read } from '../../core/storage/db.ts'
import { prepared } from '../../core/storage/prepared.ts'
import type { ReadContext } from '../../core/reports.ts'
import type { QueryContext } from '../../core/api/procedures.ts'
import type { queue, TicketFilter } from './contract.ts'
import { CREATED_WITHIN_RANK, ORDERS } from './list-orders.ts'
import { ticketsInOrder, type Found } from './list-parts.ts'
import { findTicket } from './queries.ts'

/** A page of the tickets that the reader may see, and where the next one begins. */
export function pageOf({ read, actor }: ReadContext, filter: TicketFilter) {
  const { sort, order: direction, limit, after, status, open, priority, ...sought } = filter
  const ranks = priority === undefined ? null : [...new Set(priority.map(rankOf))]
  const found = ticketsInOrder(read, actor, {
    ...sought,
    action: 'ticket.read',
    statuses: Status.options.filter(
      (each) => (status ?? Status.options).includes(each) && (open === undefined || isOpen(each) === open),
    ),
    ranks,
    order: sort === 'createdAt' && ranks !== null ? CREATED_WITHIN_RANK : ORDERS[sort],
    direction,
    after: after === undefined ? undefined : cursorOf(read, sort, after),
    limit: limit + 1,
  })
  const page = found.slice(0, limit)
  const last = found.length > limit ? page.at(-1) : undefined
  return {
    tickets: summariesOf(read, page),
    next: last === undefined ? null : { value: last.key, id: last.id },
  }
}

function cursorOf(read: Read, sort: TicketFilter['sort'], { value, id }: NonNullable<TicketFilter['after']>) {
  return sort === 'priority' ? [value, findTicket(read, id)?.createdAt ?? 0, id] : [value, id]
}

/** The reader's work: their own open tickets and those they may take, the most urgent and oldest first. */
export function workQueue({ read, actor }: QueryContext, { limit, after }: ParsedOf<typeof queue>) {
  const asked = {
    action: 'ticket.replicate',
    statuses: OPEN_STATUSES,
    order: CREATED_WITHIN_RANK,
    direction: 'asc',
  } as const
  const found: Found[] = []
  const highest = after === undefined ? Priority.options.length - 1 : rankOf(after.priority)
  for (let rank = highest; rank >= 0 && found.length < limit; rank -= 1) {
    const beyond = after !== undefined && rank === highest ? [after.createdAt, after.id] : undefined
    found.push(...ticketsInOrder(read, actor, { ...asked, ranks: [rank], after: beyond, limit: limit - found.length }))
  }
  return summariesOf(read, found)
}

/** In the order in which they were found. */
function summariesOf(read: Read, found: readonly Found[]) {
  const rows = summaries(read, { ids: JSON.stringify(found.map(({ id }) => id)) })
  const byId = new Map(rows.map((row) => [row.id, row]))
  return found.flatMap(({ id }) => byId.get(id) ?? [])
}

const summaries = prepared<{ ids: string }>()((read, param) =>
  read
    .selectFrom('ticket')
    .select(['id', 'number', 'title', 'status', 'priority', 'type'])
    .select(['departmentId', 'requesterId', 'assigneeId', 'createdAt', 'dueAt', 'rev'])
    .where('id', 'in', sql<string>`(select value from json_each(${param('ids')}))`),
)
