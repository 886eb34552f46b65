/** What a ticket's document must show, read from the ticket's rows. A document can always be rebuilt from this. */
import { audienceOf } from '@rejoin/shared/access.ts'
import type { Comment, CustomFields, Skill, TicketFields, WorkLog } from '@rejoin/shared/tickets.ts'
import type { Read } from '../core/db.ts'
import type { Projection } from '../core/documents/documents.ts'
import { prepared } from '../core/prepared.ts'
import { clockViews } from '../sla/queries.ts'
import { findWatchedTicket } from './rows.ts'

export interface TicketProjection extends Projection {
  readonly fields: TicketFields
  readonly lists: { readonly comments: Comment[]; readonly work: WorkLog[] }
}

export async function projectTicket(read: Read, ticketId: string): Promise<TicketProjection | null> {
  const found = await findWatchedTicket(read, ticketId)
  if (found === undefined) return null
  const { ticket, watchers } = found
  const { watcherIds: _, description: _description, notes: _notes, recordedAt: _recorded, rev: _rev, ...row } = ticket
  const names = await namesOf(read, [ticket.requesterId, ticket.assigneeId])
  const fields: TicketFields = {
    ...row,
    skills: JSON.parse(row.skills) as Skill[],
    custom: JSON.parse(row.custom) as CustomFields,
    requesterName: names.get(row.requesterId) ?? '',
    assigneeName: row.assigneeId === null ? null : (names.get(row.assigneeId) ?? ''),
    tags: (await tagsOf(read, { ticketId })).map(({ tag }) => tag),
    watchers,
    clocks: await clockViews(read, ticketId),
  }
  const lists = { comments: await commentsOf(read, { ticketId }), work: await workOf(read, { ticketId }) }
  return { fields, lists, audience: audienceOf(ticket) }
}

async function namesOf(read: Read, [first, second]: [string, string | null]): Promise<Map<string, string>> {
  const rows = await names(read, { first, second })
  return new Map(rows.map(({ id, name }) => [id, name]))
}

const names = prepared<{ first: string; second: string | null }>()((read, param) =>
  read
    .selectFrom('user')
    .select(['id', 'name'])
    .where('id', 'in', [param('first'), param('second')]),
)

type OfTicket = { readonly ticketId: string }

const tagsOf = prepared<OfTicket>()((read, param) =>
  read.selectFrom('ticketTag').select('tag').where('ticketId', '=', param('ticketId')).orderBy('tag'),
)

const commentsOf = prepared<OfTicket>()((read, param) =>
  read
    .selectFrom('comment')
    .select(['id', 'authorId', 'authorName', 'body', 'visibility', 'createdAt'])
    .where('ticketId', '=', param('ticketId'))
    .orderBy('seq')
    .orderBy('id'),
)

const workOf = prepared<OfTicket>()((read, param) =>
  read
    .selectFrom('workLog')
    .select(['id', 'authorId', 'authorName', 'minutes', 'note', 'createdAt'])
    .where('ticketId', '=', param('ticketId'))
    .orderBy('seq')
    .orderBy('id'),
)
