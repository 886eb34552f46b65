/** Editing fields. Concurrent changes are settled field by field, by the table of `shared/src/tickets/merge.ts`. */
import { sql } from 'kysely'
import * as declared from '@rejoin/shared/tickets/commands/edit.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { changesOf, MERGE, nameOf, settle, type FieldChange, type Settled } from '@rejoin/shared/tickets/merge.ts'
import { Priority } from '@rejoin/shared/priority.ts'
import type { CustomFields } from '@rejoin/shared/tickets/ticket.ts'
import { storedPayload } from '../../../core/events.ts'
import { prepared } from '../../../core/storage/prepared.ts'
import { storedJson } from '../../../core/storage/stored-json.ts'
import { implement } from '../../../core/api/implement.ts'
import type { CommandContext } from '../../../core/command.ts'
import { must } from '../authorize.ts'
import { customText } from '../custom-fields.ts'
import { ticketEvents } from '../events.ts'
import { getTicket, updateTicket, type TicketRow } from '../rows.ts'
import { changedMeanwhile, stampField } from '../stamps.ts'
import { replaceText } from './text.ts'

export const editTicket = implement(declared.editTicket, async (context, { ticketId, set }) => {
  const ticket = getTicket(context.tx, ticketId)
  await must(context, 'ticket.edit', ticket)
  const { description, ...fields } = set
  if (description !== undefined) await replaceText(context, ticket, description)

  const settled = Object.groupBy(changesOf(fields), (change) => settleOn(context, ticket, change))
  const { mine = [], theirs = [], refused = [] } = settled
  await apply(context, ticket, mine)
  const isAllRefused = description === undefined && mine.length === 0 && theirs.length === 0
  await report(context, ticket, [...theirs, ...refused], { isAllRefused })
})

function settleOn(context: CommandContext, ticket: TicketRow, change: FieldChange): Settled {
  const meanwhile = changedMeanwhile(context, ticket.id, nameOf(change))
  if (meanwhile === null) return 'mine'
  const priority = { now: ticket.priority, seen: () => prioritySeen(context, ticket) }
  return settle(change, { mine: context.effectiveAt, theirs: meanwhile.at, priority })
}

/** The priority that the author was looking at: the one that the first change after that replaced. */
function prioritySeen({ tx, seen }: CommandContext, ticket: TicketRow): Priority {
  for (const event of editsAfter(tx, { ticketId: ticket.id, seen })) {
    const { data: priority } = Priority.safeParse(
      storedPayload(tx, event, ticketEvents['ticket-edited'])?.from['priority'],
    )
    if (priority !== undefined) return priority
  }
  return ticket.priority
}

const editsAfter = prepared<{ ticketId: string; seen: number }>()((read, param) =>
  read
    .selectFrom('event')
    .select(['id', 'payload'])
    .where('subjectId', '=', param('ticketId'))
    .where('type', '=', sql.lit('ticket-edited'))
    .where('seq', '>', param('seen'))
    .orderBy('id'),
)

async function apply(context: CommandContext, ticket: TicketRow, changes: readonly FieldChange[]): Promise<void> {
  if (changes.length === 0) return
  const custom = storedJson<CustomFields>(context.tx, ticket.custom, `The custom fields of ${ticket.number}`, {})
  const columns: Parameters<typeof updateTicket>[2] = {}
  const changed: CustomFields = {}
  const from: Record<string, unknown> = {}
  for (const change of changes) {
    const name = nameOf(change)
    stampField(context, ticket.id, name)
    if (change.field === 'custom') {
      from[name] = custom[change.key] ?? null
      changed[change.key] = change.value
    } else if (change.field === 'skills') {
      from[name] = storedJson(context.tx, ticket.skills, `The skills of ${ticket.number}`, [])
      columns.skills = JSON.stringify(change.value)
    } else {
      from[name] = ticket[change.field]
      Object.assign(columns, { [change.field]: change.value })
    }
  }
  updateTicket(context, ticket.id, { ...columns, custom: customText(custom, changed) })
  const payload = { from, to: valuesOf(changes) }
  await context.event({ subject: 'ticket', subjectId: ticket.id, type: 'ticket-edited', payload })
}

function valuesOf(changes: readonly FieldChange[]): Record<string, unknown> {
  return Object.fromEntries(changes.map((change) => [nameOf(change), change.value]))
}

/** Keeps the values that lost in the ticket's history and tells the author. */
async function report(
  context: CommandContext,
  ticket: TicketRow,
  lost: readonly FieldChange[],
  { isAllRefused }: { isAllRefused: boolean },
): Promise<void> {
  if (lost.length === 0) return
  if (isAllRefused) {
    throw new Refusal(
      'superseded',
      `priority: meanwhile it was raised to ${ticket.priority}, so it was not lowered.`,
      'Check why it was raised, then lower it if that is still right.',
    )
  }
  const payload = { lost: valuesOf(lost) }
  await context.event({ subject: 'ticket', subjectId: ticket.id, type: 'ticket-edit-superseded', payload })
  if (lost.every(({ field }) => MERGE[field] === 'higher')) {
    context.adjust(
      'higher-priority-stands',
      `priority: meanwhile it was raised to ${ticket.priority}; that value stands.`,
    )
  } else {
    const names = lost.map(nameOf).join(', ')
    context.adjust('newer-value-stands', `${names}: another person changed this later; that value stands.`)
  }
}
