/** In which orders tickets are listed. The indexes of migration 0028 have these very expressions. */
import { sql, type RawBuilder } from 'kysely'

export interface Order {
  /** Each ends with the id, which makes it unique. */
  readonly columns: readonly RawBuilder<number>[]
  /** Of all tickets, of a department's and of an assignee's, each by status; null where one index of all has to do, since each change would move them. */
  readonly indexes: { readonly all: string; readonly department: string; readonly assignee: string } | null
  /** Whether the rank comes right after the status. */
  readonly isByRank: boolean
}

export const RANK = sql<number>`(case ticket.priority when 'urgent' then 3 when 'high' then 2 when 'medium' then 1 else 0 end)`
/** What a ticket is sorted by that is never due: the last instant there is. */
const DUE = sql<number>`coalesce(ticket."dueAt", 8640000000000000)`
const CREATED = sql<number>`ticket."createdAt"`

const BY_RANK = indexesBy('Rank')

export const ORDERS = {
  createdAt: {
    columns: [CREATED],
    indexes: indexesBy('Created'),
    isByRank: false,
  },
  dueAt: {
    columns: [DUE],
    indexes: indexesBy('Due'),
    isByRank: false,
  },
  priority: { columns: [RANK, CREATED], indexes: BY_RANK, isByRank: true },
  rev: { columns: [sql<number>`ticket.rev`], indexes: null, isByRank: false },
} as const satisfies Record<string, Order>

/** Of tickets of certain priorities, each by itself. */
export const CREATED_WITHIN_RANK: Order = { columns: [CREATED], indexes: BY_RANK, isByRank: true }

function indexesBy(what: string) {
  return { all: `ticketByStatus${what}`, department: `ticketByDepartment${what}`, assignee: `ticketByAssignee${what}` }
}
