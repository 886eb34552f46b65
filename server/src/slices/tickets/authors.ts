/** The authors of each part of a ticket's texts, for readers who may see the ticket. */
import { may, relationsOf } from '@rejoin/shared/access/access.ts'
import { TICKET_SHAPE } from '@rejoin/shared/tickets/shape.ts'
import type { Read } from '../../core/storage/db.ts'
import { joined, runsOf, type Run } from '../../core/documents/authors.ts'
import type { QueryContext } from '../../core/api/procedures.ts'
import { getTicket, notFound } from './rows.ts'

/** A part of a text. `person` is null if none is recorded, `device` also if the reader may not see it. */
export interface AuthoredText {
  readonly text: string
  readonly person: { readonly id: string; readonly name: string } | null
  readonly device: { readonly id: string; readonly name: string | null } | null
}

/** The texts in parts by author. Requesters get no notes, and no devices. Throws `Refusal('not-found')`. */
export async function ticketAuthors({ read, actor }: QueryContext, { ticketId }: { ticketId: string }) {
  const relations = relationsOf(actor, getTicket(read, ticketId))
  if (!may(actor, 'ticket.read', relations)) throw notFound(ticketId)
  const isInternal = may(actor, 'ticket.read-internal', relations)
  const runs = await runsOf(read, ticketId, TICKET_SHAPE.texts)
  const [description, notes] = isInternal
    ? [runs.description, runs.notes]
    : [joined(runs.description.map((run) => ({ ...run, deviceId: null }))), []]
  return { description: await withNames(read, description), notes: await withNames(read, notes) }
}

async function withNames(read: Read, runs: readonly Run[]): Promise<AuthoredText[]> {
  const authorIds = [...new Set(runs.flatMap(({ authorId }) => authorId ?? []))]
  const deviceIds = [...new Set(runs.flatMap(({ deviceId }) => deviceId ?? []))]
  const people = await read.selectFrom('user').select(['id', 'name']).where('id', 'in', authorIds).execute()
  const devices = await read.selectFrom('device').select(['id', 'name']).where('id', 'in', deviceIds).execute()
  return runs.map(({ text, authorId, deviceId }) => ({
    text,
    person: people.find(({ id }) => id === authorId) ?? null,
    device: devices.find(({ id }) => id === deviceId) ?? null,
  }))
}
