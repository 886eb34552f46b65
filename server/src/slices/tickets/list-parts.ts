/**
 * Answers lists of tickets from indexes. A list is the union of parts, each of which one index has: either in the order
 * of the list, so that a page is read and no more, or few rows, which were counted and are sorted. SQLite merges the
 * parts as it reads them. Other filters (a text, the many tickets of one requester) are looked up row by row.
 */
import { expressionBuilder, sql, type RawBuilder, type SqlBool } from 'kysely'
import { grantsOf, type Actor } from '@rejoin/shared/access/access.ts'
import { OPEN_STATUSES, type Status } from '@rejoin/shared/statuses.ts'
import type { Read, Tables } from '../../core/storage/db.ts'
import { RANK, type Order } from './list-orders.ts'
import {
  assignedTo,
  filters,
  filterSets,
  inDepartment,
  isAssignedTo,
  isFew,
  isOfDepartment,
  requestedBy,
  watchedBy,
  type Asked,
  type Condition,
  type IndexedSet,
} from './list-sets.ts'
import { permitted } from './queries.ts'

interface Part {
  readonly index: string
  readonly where: readonly Condition[]
}

/** Some tickets in the order of the list, for each status by itself. */
interface Walk {
  readonly by: keyof NonNullable<Order['indexes']>
  /** The condition on the columns with which that index begins. */
  readonly equal?: Condition
  readonly statuses: readonly Status[]
  /** The further conditions on each row. */
  readonly beyond?: readonly Condition[]
  /** The same tickets where they may be few, if that is better than to walk. */
  readonly few?: IndexedSet
}

/** A person in more departments sees a good share of all tickets. */
const MAX_PARTS = 200

export interface Found {
  readonly id: string
  /** The key by which the list is sorted. */
  readonly key: number
}

/** The requested tickets on which `actor` may do the action, in their order. */
export function ticketsInOrder(read: Read, actor: Actor, asked: Asked): Found[] {
  const parts = partsOf(read, actor, asked)
  if (parts.length === 0) return []
  const towards = sql.raw(asked.direction)
  const order = [...asked.order.columns, 'id'].map((_, index) => sql`${sql.lit(index + 1)} ${towards}`)
  const selects = sql.join(
    parts.map((part) => selectOf(part, asked)),
    sql` union `,
  )
  const union = sql<Found>`(${selects} order by ${sql.join(order)} limit ${asked.limit})`
  const query = read.selectFrom(union.as('page')).select(['id', 'key']).compile()
  return read.rows<Found>(query.sql, query.parameters)
}

function selectOf({ index, where }: Part, asked: Asked): RawBuilder<unknown> {
  const { order, after } = asked
  const sortKey = [...order.columns, sql`ticket.id`]
  const beyond = sql.raw(asked.direction === 'asc' ? '>' : '<')
  const from = after === undefined ? [] : [sql<SqlBool>`(${sql.join(sortKey)}) ${beyond} (${sql.join(after)})`]
  const all = sql.join([sql`true`, ...where, ...from, ...filters(asked)], sql` and `)
  const [key, ...rest] = order.columns
  const columns = [sql`${key} as key`, ...rest.map((column) => sql`${column} as "then"`), sql`ticket.id as id`]
  return sql`select ${sql.join(columns)} from ticket indexed by ${sql.ref(index)} where ${all}`
}

function partsOf(read: Read, actor: Actor, asked: Asked): Part[] {
  if (asked.statuses.length === 0) return []
  const allowed = permitted(actor, asked.action)(expressionBuilder<Tables, 'ticket'>())
  const narrow = isInOrder(asked) ? undefined : filterSets(asked).find((set) => isFew(read, set))
  if (narrow !== undefined) return [{ index: narrow.index, where: [narrow.where, allowed] }]
  const all: Walk = { by: 'all', statuses: asked.statuses, beyond: [allowed] }
  const parts: Part[] = []
  for (const walk of walksOf(actor, asked, allowed)) {
    const isSmall = walk.few !== undefined && isFew(read, walk.few)
    if (walk.few !== undefined && isSmall)
      parts.push({ index: walk.few.index, where: [walk.few.where, ...(walk.beyond ?? [])] })
    // One walk of all that there is for everything that the reader sees.
    else if (asked.order.indexes === null) return partsOfWalk(all, asked)
    else parts.push(...partsOfWalk(walk, asked))
  }
  return parts.length > MAX_PARTS ? partsOfWalk(all, asked) : parts
}

/** Whether one index may have all the requested tickets in the order of the list. */
function isInOrder({ order, departmentId, assigneeId, requesterId, tag, text, ranks }: Asked): boolean {
  if (requesterId !== undefined || tag !== undefined || text !== undefined || assigneeId === null) return false
  if (departmentId !== undefined && assigneeId !== undefined) return false
  return order.indexes !== null && (ranks === null || order.isByRank)
}

/** For each relation under which the actor may do it, the tickets that it brings. */
function walksOf(
  actor: Actor,
  { action, departmentId, assigneeId, statuses, order }: Asked,
  allowed: Condition,
): Walk[] {
  const relations = grantsOf(actor, action)
  const isAny = relations.includes('any')
  if (typeof assigneeId === 'string' || (assigneeId === null && isAny)) {
    return [{ by: 'assignee', equal: isAssignedTo(assigneeId), statuses, beyond: [allowed] }]
  }
  if (isAny) return [departmentId === undefined ? { by: 'all', statuses } : ofDepartment(departmentId, statuses, order)]
  const departments = actor.departments.filter((id) => departmentId === undefined || id === departmentId)
  const open = statuses.filter((status) => OPEN_STATUSES.includes(status))
  return relations.flatMap((relation): Walk[] => {
    const own = requestedBy(actor.id)
    const watched = watchedBy(actor.id)
    if (relation === 'own') return [{ by: 'all', statuses, beyond: [own.where], few: own }]
    if (relation === 'watched') return [{ by: 'all', statuses, beyond: [watched.where], few: watched }]
    if (relation === 'assigned') {
      const few = assignedTo(actor.id, statuses)
      return [{ by: 'assignee', equal: isAssignedTo(actor.id), statuses, ...(order.indexes === null && { few }) }]
    }
    if (relation === 'department') return departments.map((id) => ofDepartment(id, statuses, order))
    if (relation !== 'queue' || open.length === 0) return []
    return departments.map((id) => ({ ...ofDepartment(id, open, order), beyond: [isAssignedTo(null)] }))
  })
}

function ofDepartment(id: string, statuses: readonly Status[], { indexes }: Order): Walk {
  const few = inDepartment(id, statuses)
  return { by: 'department', equal: isOfDepartment(id), statuses, ...(indexes === null && { few }) }
}

function partsOfWalk({ by, equal, statuses, beyond = [] }: Walk, { order, ranks }: Asked): Part[] {
  if (order.indexes === null) return [{ index: 'ticketByRev', where: beyond }]
  const index = order.indexes[by]
  const first = equal === undefined ? [] : [equal]
  return statuses.flatMap((status) => {
    const where = [...first, sql<SqlBool>`ticket.status = ${status}`, ...beyond]
    if (ranks === null || !order.isByRank) return [{ index, where }]
    return rankParts(order, ranks).map((ranked) => ({ index, where: [...where, ranked] }))
  })
}

/** Where the list is sorted by rank, ranks that follow each other are one stretch of the index. */
function rankParts({ columns }: Order, ranks: readonly number[]): Condition[] {
  if (columns[0] !== RANK) return ranks.map((rank) => sql`${RANK} = ${sql.lit(rank)}`)
  const starts = ranks.filter((rank) => !ranks.includes(rank - 1))
  return starts.map((from) => {
    let to = from
    while (ranks.includes(to + 1)) to += 1
    return sql`${RANK} between ${sql.lit(from)} and ${sql.lit(to)}`
  })
}
