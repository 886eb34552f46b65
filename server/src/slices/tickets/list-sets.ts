/** Sets of tickets that one index finds by itself, whether they are few, and the further conditions on each ticket. */
import { sql, type Expression, type RawBuilder, type SqlBool } from 'kysely'
import type { Action } from '@rejoin/shared/access/access.ts'
import { Status } from '@rejoin/shared/statuses.ts'
import type { Read } from '../../core/storage/db.ts'
import { RANK, type Order } from './list-orders.ts'

export interface Asked {
  readonly action: Action
  readonly statuses: readonly Status[]
  /** The ranks of the requested priorities; null for all. */
  readonly ranks: readonly number[] | null
  readonly departmentId?: string | undefined
  /** Null: unassigned. */
  readonly assigneeId?: string | null | undefined
  readonly requesterId?: string | undefined
  readonly tag?: string | undefined
  readonly text?: string | undefined
  readonly order: Order
  readonly direction: 'asc' | 'desc'
  /** Where the page before ended: the values of the order, and the id. */
  readonly after?: readonly (number | string)[] | undefined
  readonly limit: number
}

export type Condition = Expression<SqlBool>

/** The tickets that `index` finds. `counted` is where its rows can be counted without reading tickets. */
export interface IndexedSet {
  readonly index: string
  readonly where: Condition
  readonly counted?: RawBuilder<unknown>
}

/** The most rows that are sorted. A walk through 100,000 tickets meets one of a larger set within fifty, as a rule. */
const FEW = 2000
const BY_ID = 'sqlite_autoindex_ticket_1'

/** Counted and then read in one turn, so that nothing is written between. */
export function isFew(read: Read, { index, where, counted }: IndexedSet): boolean {
  const rows = counted ?? sql`ticket indexed by ${sql.ref(index)} where ${where}`
  const query = read
    .selectFrom(sql<{ one: number }>`(select 1 as one from ${rows} limit ${sql.lit(FEW + 1)})`.as('found'))
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .compile()
  const [found] = read.rows<{ count: number }>(query.sql, query.parameters)
  return (found?.count ?? 0) <= FEW
}

/** Each filter as a set, those that are the smallest as a rule first. */
export function filterSets({ assigneeId, requesterId, tag, ranks, departmentId, statuses }: Asked): IndexedSet[] {
  const sets: IndexedSet[] = []
  if (tag !== undefined) sets.push(byId(sql`"ticketTag" where tag = ${tag}`))
  if (requesterId !== undefined) sets.push(requestedBy(requesterId))
  if (assigneeId !== undefined) sets.push(assignedTo(assigneeId, statuses))
  if (ranks !== null)
    sets.push({ index: 'ticketByStatusRank', where: sql`${hasStatus(statuses)} and ${hasRank(ranks)}` })
  if (departmentId !== undefined) sets.push(inDepartment(departmentId, statuses))
  if (statuses.length < Status.options.length) sets.push({ index: 'ticketByStatusCreated', where: hasStatus(statuses) })
  return sets
}

export function requestedBy(id: string): IndexedSet {
  return { index: 'ticketByRequester', where: sql`ticket."requesterId" = ${id}` }
}

export function assignedTo(id: string | null, statuses: readonly Status[]): IndexedSet {
  return { index: 'ticketByAssigneeCreated', where: sql`${isAssignedTo(id)} and ${hasStatus(statuses)}` }
}

export function inDepartment(id: string, statuses: readonly Status[]): IndexedSet {
  return { index: 'ticketByDepartmentCreated', where: sql`${isOfDepartment(id)} and ${hasStatus(statuses)}` }
}

export function watchedBy(id: string): IndexedSet {
  return byId(sql`"ticketWatcher" where "userId" = ${id}`)
}

function byId(counted: RawBuilder<unknown>): IndexedSet {
  return { index: BY_ID, where: sql`ticket.id in (select "ticketId" from ${counted})`, counted }
}

export function isAssignedTo(id: string | null): Condition {
  return id === null ? sql`ticket."assigneeId" is null` : sql`ticket."assigneeId" = ${id}`
}

export function isOfDepartment(id: string): Condition {
  return sql`ticket."departmentId" = ${id}`
}

function hasStatus(statuses: readonly Status[]): Condition {
  return sql`ticket.status in (${sql.join(statuses)})`
}

function hasRank(ranks: readonly number[]): Condition {
  return sql`${RANK} in (${sql.join(ranks.map((rank) => sql.lit(rank)))})`
}

/** All filters, on a ticket that some index has found: the `+` keeps SQLite from looking for it by another one. */
export function filters({ statuses, ranks, departmentId, assigneeId, requesterId, tag, text }: Asked): Condition[] {
  const all: Condition[] = []
  if (statuses.length < Status.options.length) all.push(sql`+${hasStatus(statuses)}`)
  if (ranks !== null) all.push(sql`+${hasRank(ranks)}`)
  if (departmentId !== undefined) all.push(sql`+${isOfDepartment(departmentId)}`)
  if (assigneeId !== undefined) all.push(sql`+${isAssignedTo(assigneeId)}`)
  if (requesterId !== undefined) all.push(sql`+ticket."requesterId" = ${requesterId}`)
  if (tag !== undefined) all.push(sql`exists (select 1 from "ticketTag" where "ticketId" = ticket.id and tag = ${tag})`)
  if (text !== undefined) {
    const pattern = `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
    all.push(sql`(title like ${pattern} escape '\\' or number like ${pattern} escape '\\')`)
  }
  return all
}
