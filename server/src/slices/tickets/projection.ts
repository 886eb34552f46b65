/** What a ticket's document must show, read from the ticket's rows. A document can always be rebuilt from this. */
import { audienceOf } from '@rejoin/shared/access/audience.ts'
import type { Comment, CustomFields, Skill, TicketFields, WorkLog } from '@rejoin/shared/tickets/ticket.ts'
import { findPerson } from '../accounts/queries.ts'
import type { Read } from '../../core/storage/db.ts'
import type { Projection } from '../../core/documents/project.ts'
import type { Texts } from '../../core/documents/salvage.ts'
import { prepared } from '../../core/storage/prepared.ts'
import { storedJson } from '../../core/storage/stored-json.ts'
import { findWatchedTicket } from './rows.ts'

type WatchedTicket = NonNullable<ReturnType<typeof findWatchedTicket>>

export interface TicketProjection extends Projection {
  readonly fields: TicketFields
  readonly lists: { readonly comments: Comment[]; readonly work: WorkLog[] }
}

/** The fields of a ticket that the SLA clocks keep; the composition root hands them in. */
export type ClockFields = (read: Read, ticketId: string) => Pick<TicketFields, 'clocks' | 'clockTerms'>

/** Of its lists, the items that were added at `since` or later. */
export function projectTicket(
  read: Read,
  ticketId: string,
  { since, clockFields }: { since: number; clockFields: ClockFields },
): TicketProjection | null {
  const found = findWatchedTicket(read, ticketId)
  if (found === undefined) return null
  const lists = { comments: commentsOf(read, { ticketId, since }), work: workOf(read, { ticketId, since }) }
  const { description, notes } = found.ticket
  return {
    fields: fieldsOf(read, found, clockFields),
    lists,
    texts: { description, notes },
    audience: audienceOf(found.ticket),
  }
}

/** The same without what hangs on the ticket in any number. */
export function projectFields(read: Read, ticketId: string, clockFields: ClockFields): TicketFields | null {
  const found = findWatchedTicket(read, ticketId)
  return found === undefined ? null : fieldsOf(read, found, clockFields)
}

function fieldsOf(read: Read, { ticket, watchers }: WatchedTicket, clockFields: ClockFields): TicketFields {
  const ticketId = ticket.id
  const { watcherIds: _, description: _description, notes: _notes, recordedAt: _recorded, rev: _rev, ...row } = ticket
  return {
    ...row,
    skills: storedJson<Skill[]>(read, row.skills, `The skills of ${row.number}`, []),
    custom: storedJson<CustomFields>(read, row.custom, `The custom fields of ${row.number}`, {}),
    requesterName: findPerson(read, row.requesterId)?.name ?? '',
    assigneeName: row.assigneeId === null ? null : (findPerson(read, row.assigneeId)?.name ?? ''),
    tags: tagsOf(read, { ticketId }).map(({ tag }) => tag),
    watchers,
    ...clockFields(read, ticketId),
  }
}

/** What the texts of the ticket's document read by its row; null where there is no such ticket. */
export function textsOf(read: Read, ticketId: string): Texts | null {
  return textRows(read, { ticketId })[0] ?? null
}

const textRows = prepared<OfTicket>()((read, param) =>
  read.selectFrom('ticket').select(['description', 'notes']).where('id', '=', param('ticketId')),
)

/** By which people know the ticket; null where there is no such ticket. */
export function numberOf(read: Read, ticketId: string): string | null {
  return numberRows(read, { ticketId })[0]?.number ?? null
}

/** Epoch ms; null where there is no such ticket. */
export function createdAt(read: Read, ticketId: string): number | null {
  return creation(read, { ticketId })[0]?.createdAt ?? null
}

export async function ticketIds(read: Read): Promise<string[]> {
  const rows = await read.selectFrom('ticket').select('id').orderBy('id').execute()
  return rows.map(({ id }) => id)
}

const creation = prepared<OfTicket>()((read, param) =>
  read.selectFrom('ticket').select('createdAt').where('id', '=', param('ticketId')),
)

const numberRows = prepared<OfTicket>()((read, param) =>
  read.selectFrom('ticket').select('number').where('id', '=', param('ticketId')),
)

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
