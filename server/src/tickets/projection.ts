/** What a ticket's document must show, read from the ticket's rows. A document can always be rebuilt from this. */
import { audienceOf } from '@rejoin/shared/access.ts'
import type { Comment, CustomFields, Skill, TicketFields, WorkLog } from '@rejoin/shared/tickets.ts'
import { findPerson } from '../accounts/queries.ts'
import type { Read } from '../core/db.ts'
import type { Projection } from '../core/documents/project.ts'
import { prepared } from '../core/prepared.ts'
import { clockTerms, clockViews } from '../sla/queries.ts'
import { findWatchedTicket } from './rows.ts'

type WatchedTicket = NonNullable<ReturnType<typeof findWatchedTicket>>

export interface TicketProjection extends Projection {
  readonly fields: TicketFields
  readonly lists: { readonly comments: Comment[]; readonly work: WorkLog[] }
}

/** Of its lists, the items that were added at `since` or later. */
export function projectTicket(read: Read, ticketId: string, since = 0): TicketProjection | null {
  const found = findWatchedTicket(read, ticketId)
  if (found === undefined) return null
  const lists = { comments: commentsOf(read, { ticketId, since }), work: workOf(read, { ticketId, since }) }
  return { fields: fieldsOf(read, found), lists, audience: audienceOf(found.ticket) }
}

/** The same without what hangs on the ticket in any number. */
export function projectFields(read: Read, ticketId: string): TicketFields | null {
  const found = findWatchedTicket(read, ticketId)
  return found === undefined ? null : fieldsOf(read, found)
}

function fieldsOf(read: Read, { ticket, watchers }: WatchedTicket): TicketFields {
  const ticketId = ticket.id
  const { watcherIds: _, description: _description, notes: _notes, recordedAt: _recorded, rev: _rev, ...row } = ticket
  return {
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
}

type OfTicket = { readonly ticketId: string }

const tagsOf = prepared<OfTicket>()((read, param) =>
  read.selectFrom('ticketTag').select('tag').where('ticketId', '=', param('ticketId')).orderBy('tag'),
)

type Since = OfTicket & { readonly since: number }

const commentsOf = prepared<Since>()((read, param) =>
  read
    .selectFrom('comment')
    .select(['id', 'authorId', 'authorName', 'body', 'visibility', 'createdAt'])
    .where('ticketId', '=', param('ticketId'))
    .where('seq', '>=', param('since'))
    .orderBy('seq')
    .orderBy('id'),
)

const workOf = prepared<Since>()((read, param) =>
  read
    .selectFrom('workLog')
    .select(['id', 'authorId', 'authorName', 'minutes', 'note', 'createdAt'])
    .where('ticketId', '=', param('ticketId'))
    .where('seq', '>=', param('since'))
    .orderBy('seq')
    .orderBy('id'),
)
