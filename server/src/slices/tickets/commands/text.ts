/** The texts of a ticket: Yjs updates from devices and editors, and whole texts from callers that have no document. */
import { sql } from 'kysely'
import type * as Y from 'yjs'
import * as declared from '@rejoin/shared/tickets/commands/text.ts'
import { TICKET_SHAPE } from '@rejoin/shared/tickets/shape.ts'
import { describeIssues, Refusal } from '@rejoin/shared/errors.ts'
import { categoryOf } from '@rejoin/shared/statuses.ts'
import { Description } from '@rejoin/shared/tickets/ticket.ts'
import { implement } from '../../../core/api/implement.ts'
import type { CommandContext } from '../../../core/command.ts'
import { storedPayload } from '../../../core/events.ts'
import { prepared } from '../../../core/storage/prepared.ts'
import { updateText } from '../../../core/documents/update-text.ts'
import { noteSpan, writeFor } from '../../../core/documents/leases.ts'
import { mergeUpdate } from '../../../core/documents/merge-update.ts'
import { must } from '../authorize.ts'
import { ticketEvents } from '../events.ts'
import { getTicket, updateTicket, type TicketRow } from '../rows.ts'

const MINUTE_MS = 60_000

export const writeText = implement(declared.writeText, async (context, { ticketId, update }) => {
  const ticket = getTicket(context.tx, ticketId)
  await must(context, 'ticket.write-text', ticket)
  const doc = context.edit(ticketId)
  mergeTyped(context, doc, { ticketId, update })
  await keepTexts(context, ticket, doc)
})

/** Merges a typed update; one typed into the former generation of the document enters the present one through it. */
function mergeTyped(
  context: CommandContext,
  doc: Y.Doc,
  { ticketId, update }: { ticketId: string; update: Uint8Array },
): void {
  try {
    mergeUpdate(context, doc, update, { roots: TICKET_SHAPE.texts })
  } catch (error) {
    const isStray = error instanceof Refusal && error.code === 'missing-dependencies'
    const former = isStray ? context.editFormer(ticketId) : null
    if (former === null) throw error
    noteSpan(context, doc, () => void mergeUpdate(context, former, update, { roots: TICKET_SHAPE.texts }))
  }
}

export async function replaceText(context: CommandContext, ticket: TicketRow, wanted: string): Promise<void> {
  assertOpen(ticket)
  const doc = context.edit(ticket.id)
  writeFor(context, doc, () => updateText(doc.getText('description'), wanted))
  await keepTexts(context, ticket, doc)
}

/** Mirrors the texts into the row, where lists and search read them. Throws `Refusal` when they may not become this. */
export async function keepTexts(context: CommandContext, ticket: TicketRow, doc: Y.Doc): Promise<void> {
  const description = doc.getText('description').toJSON()
  const notes = doc.getText('notes').toJSON()
  if (description === ticket.description && notes === ticket.notes) return
  assertOpen(ticket)
  for (const text of [description, notes]) {
    const { error } = Description.safeParse(text)
    if (error !== undefined) throw new Refusal('too-large', `The text: ${describeIssues(error)}`, 'Shorten it.')
  }
  updateTicket(context, ticket.id, { description, notes })
  const told = textsTold(context, ticket.id)
  const texts = TICKET_SHAPE.texts
    .filter((name) => (name === 'notes' ? notes !== ticket.notes : description !== ticket.description))
    .filter((name) => !told.has(name))
  if (texts.length === 0) return
  await context.event({ subject: 'ticket', subjectId: ticket.id, type: 'text-written', payload: { texts } })
}

/** The texts that have an event of this author in this minute: typing must not make an event for each letter. */
function textsTold({ tx, actor, effectiveAt }: CommandContext, ticketId: string): ReadonlySet<string> {
  const from = effectiveAt - (effectiveAt % MINUTE_MS)
  const rows = eventsOfMinute(tx, { ticketId, actorId: actor.id, from, to: from + MINUTE_MS })
  return new Set(rows.flatMap((row) => storedPayload(tx, row, ticketEvents['text-written'])?.texts ?? []))
}

const eventsOfMinute = prepared<{ ticketId: string; actorId: string; from: number; to: number }>()((read, param) =>
  read
    .selectFrom('event')
    .select(['id', 'payload'])
    .where('subjectId', '=', param('ticketId'))
    .where('actorId', '=', param('actorId'))
    .where('type', '=', sql.lit('text-written'))
    .where('effectiveAt', '>=', param('from'))
    .where('effectiveAt', '<', param('to')),
)

/** A closed ticket is a record; a text that was typed meanwhile stays with its author. */
function assertOpen({ number, status }: TicketRow): void {
  if (categoryOf(status) !== 'closed') return
  throw new Refusal(
    'conflict',
    `${number} is ${status}, so its texts can no longer be changed.`,
    'Add a comment instead.',
  )
}
