/** The comments, work logs and history of a ticket, page by page. */
import { sql } from 'kysely'
import { may, relationsOf, type Actor } from '@rejoin/shared/access/access.ts'
import type { ParsedOf } from '@rejoin/shared/contract/operation.ts'
import type { Comment, WorkLog } from '@rejoin/shared/tickets/ticket.ts'
import type { Read } from '../../core/storage/db.ts'
import { isBeyond } from '../../core/input/paging.ts'
import { storedJson } from '../../core/storage/stored-json.ts'
import type { QueryContext } from '../../core/api/procedures.ts'
import { NEWEST, type comments, type history, type work } from './contract.ts'
import { ticketEvents } from './events.ts'
import { getTicket, notFound } from './rows.ts'

/** The most text on a page, which has at least one comment: a longer list is read page by page. */
const PAGE_BYTES = 128 * 1024

type Older = Omit<ParsedOf<typeof comments>, 'ticketId'>

export interface Page<Item> {
  /** The newest at the end. */
  readonly items: Item[]
  /** Where the page of older items begins; null where there are none. */
  readonly next: { seq: number; id: string } | null
}

/** Throws `Refusal('not-found')` for a ticket that the reader may not see. */
export async function ticketComments({ read, actor }: QueryContext, { ticketId, ...older }: ParsedOf<typeof comments>) {
  return await commentsBefore(read, ticketId, { ...older, isInternal: seesInternal(read, actor, ticketId) })
}

/** Nothing for a requester. Throws `Refusal('not-found')` for a ticket that the reader may not see. */
export async function ticketWork({ read, actor }: QueryContext, { ticketId, ...older }: ParsedOf<typeof work>) {
  const none: Page<WorkLog> = { items: [], next: null }
  return seesInternal(read, actor, ticketId) ? await workBefore(read, ticketId, older) : none
}

/** The newest comments and work logs, as far as the reader may see them. */
export async function newestOn(read: Read, ticketId: string, isInternal: boolean) {
  const none: Page<WorkLog> = { items: [], next: null }
  return {
    comments: await commentsBefore(read, ticketId, { limit: NEWEST, isInternal }),
    work: isInternal ? await workBefore(read, ticketId, { limit: NEWEST }) : none,
  }
}

async function commentsBefore(
  read: Read,
  ticketId: string,
  { before, limit, isInternal }: Older & { isInternal: boolean },
): Promise<Page<Comment>> {
  let select = newestFirst(read, 'comment', { ticketId, before })
  if (!isInternal) select = select.where('visibility', '=', 'public')
  const columns = ['id', 'authorId', 'authorName', 'body', 'visibility', 'createdAt', 'seq'] as const
  return pageOf(await fitting(select.select(sql<number>`octet_length(body)`.as('bytes')), limit), (count) =>
    select.select(columns).limit(count).execute(),
  )
}

async function workBefore(read: Read, ticketId: string, { before, limit }: Older): Promise<Page<WorkLog>> {
  const select = newestFirst(read, 'workLog', { ticketId, before })
  const columns = ['id', 'authorId', 'authorName', 'minutes', 'note', 'createdAt', 'seq'] as const
  return pageOf(
    await fitting(select.select(sql<number>`coalesce(octet_length(note), 0)`.as('bytes')), limit),
    (count) => select.select(columns).limit(count).execute(),
  )
}

function newestFirst(
  read: Read,
  table: 'comment' | 'workLog',
  { ticketId, before }: { ticketId: string; before: Older['before'] },
) {
  const select = read.selectFrom(table).where('ticketId', '=', ticketId)
  const older = before === undefined ? select : select.where(isOlder(before))
  return older.orderBy('seq', 'desc').orderBy('id', 'desc')
}

function isOlder({ seq, id }: { seq: number; id: string }) {
  return isBeyond('desc', [
    [sql.ref('seq'), seq],
    [sql.ref('id'), id],
  ])
}

/** How many of the first rows fit on a page, at least one where there is any, and whether there are more. */
async function fitting(
  select: { limit(limit: number): { execute(): Promise<{ bytes: number }[]> } },
  limit: number,
): Promise<{ count: number; hasMore: boolean }> {
  const rows = await select.limit(limit + 1).execute()
  let room = PAGE_BYTES
  const end = rows.findIndex(({ bytes }, index) => index === limit || ((room -= bytes) < 0 && index > 0))
  return end === -1 ? { count: rows.length, hasMore: false } : { count: end, hasMore: true }
}

async function pageOf<Row extends { seq: number; id: string }>(
  { count, hasMore }: { count: number; hasMore: boolean },
  readRows: (count: number) => Promise<Row[]>,
): Promise<Page<Omit<Row, 'seq'>>> {
  const page = await readRows(count)
  const oldest = hasMore ? page.at(-1) : undefined
  return {
    items: page.toReversed().map(({ seq: _, ...item }) => item),
    next: oldest === undefined ? null : { seq: oldest.seq, id: oldest.id },
  }
}

function seesInternal(read: Read, actor: Actor, ticketId: string): boolean {
  const relations = relationsOf(actor, getTicket(read, ticketId))
  if (!may(actor, 'ticket.read', relations)) throw notFound(ticketId)
  return may(actor, 'ticket.read-internal', relations)
}

/** What of a ticket's history its requester may read. */
const PUBLIC_EVENTS = Object.entries(ticketEvents).flatMap(([type, { visibility }]) =>
  visibility === 'public' ? type : [],
)

/** The ticket's events, the oldest first. Throws `Refusal('not-found')` for a ticket that the reader may not see. */
export async function ticketHistory(
  { read, actor }: QueryContext,
  { ticketId, after, limit }: ParsedOf<typeof history>,
) {
  let select = read.selectFrom('event').selectAll().where('subjectId', '=', ticketId).orderBy('id').limit(limit)
  if (!seesInternal(read, actor, ticketId)) {
    const isInternal = sql<boolean>`iif(json_valid(payload), coalesce(payload ->> 'visibility', '') = 'internal', true)`
    select = select.where('type', 'in', PUBLIC_EVENTS).where(({ not }) => not(isInternal))
  }
  if (after !== undefined) select = select.where('id', '>', after.id)
  const rows = await select.execute()
  return rows.map((row) => ({
    ...row,
    payload: storedJson<Record<string, unknown>>(read, row.payload, `The content of event ${row.id}`, {}),
  }))
}
