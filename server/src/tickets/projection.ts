/** What a ticket's document must show, read from the ticket's rows. A document can always be rebuilt from this. */
import { audienceOf } from '@rejoin/shared/access.ts'
import type { Comment, CustomFields, Skill, TicketFields, WorkLog } from '@rejoin/shared/tickets.ts'
import { findPerson } from '../accounts/queries.ts'
import type { Read } from '../core/db.ts'
import type { Projection, Rows } from '../core/documents/documents.ts'
import { prepared, type Param } from '../core/prepared.ts'
import { clockTerms, clockViews } from '../sla/queries.ts'
import { findWatchedTicket } from './rows.ts'

export interface TicketProjection extends Projection {
  readonly fields: TicketFields
  readonly lists: { readonly comments: Rows<Comment>; readonly work: Rows<WorkLog> }
}

export function projectTicket(read: Read, ticketId: string): TicketProjection | null {
  const found = findWatchedTicket(read, ticketId)
  if (found === undefined) return null
  const { ticket, watchers } = found
  const { watcherIds: _, description: _description, notes: _notes, recordedAt: _recorded, rev: _rev, ...row } = ticket
  const fields: TicketFields = {
    ...row,
    skills: JSON.parse(row.skills) as Skill[],
    custom: JSON.parse(row.custom) as CustomFields,
    requesterName: findPerson(read, row.requesterId)?.name ?? '',
    assigneeName: row.assigneeId === null ? null : (findPerson(read, row.assigneeId)?.name ?? ''),
    tags: tagsOf(read, { ticketId }).map(({ tag }) => tag),
    watchers,
    clocks: clockViews(read, ticketId),
    clockTerms: clockTerms(read, ticketId),
  }
  const lists = { comments: rowsOf(read, ticketId, COMMENTS), work: rowsOf(read, ticketId, WORK) }
  return { fields, lists, audience: audienceOf(ticket) }
}

interface Queries<Item> {
  all(read: Read, params: OfTicket): Item[]
  size(read: Read, params: OfTicket): { size: number }[]
  of(read: Read, params: OfTicket & { seq: number }): Item[]
}

function rowsOf<Item extends { readonly id: string }>(
  read: Read,
  ticketId: string,
  { all, size, of }: Queries<Item>,
): Rows<Item> {
  return {
    all: () => all(read, { ticketId }),
    size: () => size(read, { ticketId })[0]?.size ?? 0,
    of: (seq) => of(read, { ticketId, seq }),
  }
}

type OfTicket = { readonly ticketId: string }

const tagsOf = prepared<OfTicket>()((read, param) =>
  read.selectFrom('ticketTag').select('tag').where('ticketId', '=', param('ticketId')).orderBy('tag'),
)

type InCommit = OfTicket & { readonly seq: number }

const comments = (read: Read, ticketId: Param<OfTicket>) =>
  read.selectFrom('comment').where('ticketId', '=', ticketId('ticketId')).orderBy('seq').orderBy('id')
const COMMENT = ['id', 'authorId', 'authorName', 'body', 'visibility', 'createdAt'] as const
const COMMENTS: Queries<Comment> = {
  all: prepared<OfTicket>()((read, param) => comments(read, param).select(COMMENT)),
  of: prepared<InCommit>()((read, param) => comments(read, param).select(COMMENT).where('seq', '=', param('seq'))),
  size: prepared<OfTicket>()((read, param) =>
    read
      .selectFrom('comment')
      .select(({ fn }) => fn.countAll<number>().as('size'))
      .where('ticketId', '=', param('ticketId')),
  ),
}

const work = (read: Read, ticketId: Param<OfTicket>) =>
  read.selectFrom('workLog').where('ticketId', '=', ticketId('ticketId')).orderBy('seq').orderBy('id')
const ENTRY = ['id', 'authorId', 'authorName', 'minutes', 'note', 'createdAt'] as const
const WORK: Queries<WorkLog> = {
  all: prepared<OfTicket>()((read, param) => work(read, param).select(ENTRY)),
  of: prepared<InCommit>()((read, param) => work(read, param).select(ENTRY).where('seq', '=', param('seq'))),
  size: prepared<OfTicket>()((read, param) =>
    read
      .selectFrom('workLog')
      .select(({ fn }) => fn.countAll<number>().as('size'))
      .where('ticketId', '=', param('ticketId')),
  ),
}

/** The lists as they are shown. */
export function listsOf({ lists }: TicketProjection): { comments: Comment[]; work: WorkLog[] } {
  return { comments: lists.comments.all(), work: lists.work.all() }
}
