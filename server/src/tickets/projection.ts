/** What a ticket's document must show, read from the ticket's rows. A document can always be rebuilt from this. */
import { audienceOf } from '@rejoin/shared/access.ts'
import type { Comment, CustomFields, Skill, TicketFields, WorkLog } from '@rejoin/shared/tickets.ts'
import type { Read } from '../core/db.ts'
import type { Projection } from '../core/documents/documents.ts'
import { clockViews } from '../sla/queries.ts'
import { findTicket } from './rows.ts'

export interface TicketProjection extends Projection {
  readonly fields: TicketFields
  readonly lists: { readonly comments: Comment[]; readonly work: WorkLog[] }
}

export async function projectTicket(read: Read, ticketId: string): Promise<TicketProjection | null> {
  const ticket = await findTicket(read, ticketId)
  if (ticket === undefined) return null
  const { watcherIds: _, description: _description, notes: _notes, recordedAt: _recorded, rev: _rev, ...row } = ticket
  const names = await namesOf(read, [ticket.requesterId, ticket.assigneeId])
  const fields: TicketFields = {
    ...row,
    skills: JSON.parse(row.skills) as Skill[],
    custom: JSON.parse(row.custom) as CustomFields,
    requesterName: names.get(row.requesterId) ?? '',
    assigneeName: row.assigneeId === null ? null : (names.get(row.assigneeId) ?? ''),
    tags: await tagsOf(read, ticketId),
    watchers: await watchersOf(read, ticketId),
    clocks: await clockViews(read, ticketId),
  }
  const lists = { comments: await commentsOf(read, ticketId), work: await workOf(read, ticketId) }
  return { fields, lists, audience: audienceOf(ticket) }
}

async function namesOf(read: Read, ids: readonly (string | null)[]): Promise<Map<string, string>> {
  const known = ids.filter((id) => id !== null)
  const rows = await read.selectFrom('user').select(['id', 'name']).where('id', 'in', known).execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}

async function tagsOf(read: Read, ticketId: string): Promise<string[]> {
  const rows = await read
    .selectFrom('ticketTag')
    .select('tag')
    .where('ticketId', '=', ticketId)
    .orderBy('tag')
    .execute()
  return rows.map(({ tag }) => tag)
}

async function watchersOf(read: Read, ticketId: string) {
  return read
    .selectFrom('ticketWatcher')
    .select(['userId', 'reason'])
    .where('ticketId', '=', ticketId)
    .orderBy('addedSeq')
    .orderBy('userId')
    .execute()
}

async function commentsOf(read: Read, ticketId: string): Promise<Comment[]> {
  return read
    .selectFrom('comment')
    .select(['id', 'authorId', 'authorName', 'body', 'visibility', 'createdAt'])
    .where('ticketId', '=', ticketId)
    .orderBy('seq')
    .orderBy('id')
    .execute()
}

async function workOf(read: Read, ticketId: string): Promise<WorkLog[]> {
  return read
    .selectFrom('workLog')
    .select(['id', 'authorId', 'authorName', 'minutes', 'note', 'createdAt'])
    .where('ticketId', '=', ticketId)
    .orderBy('seq')
    .orderBy('id')
    .execute()
}
