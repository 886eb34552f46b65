/** Editing fields. Concurrent changes are settled field by field, by the policy that `merge.ts` in shared declares. */
import * as declared from '@rejoin/shared/tickets/commands/edit.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { laterStands, settlePriority } from '@rejoin/shared/tickets/merge.ts'
import { Priority } from '@rejoin/shared/priority.ts'
import { type CustomFields, type EditableFields } from '@rejoin/shared/tickets/ticket.ts'
import { eventPayload } from '../../../core/storage/event-payload.ts'
import { storedJson } from '../../../core/storage/stored-json.ts'
import { implement } from '../../../core/api/implement.ts'
import type { CommandContext } from '../../../core/command.ts'
import { must } from '../authorize.ts'
import { customText } from '../custom-fields.ts'
import { getTicket, updateTicket, type TicketRow } from '../rows.ts'
import { changedMeanwhile, stampField } from '../stamps.ts'
import { replaceText } from './text.ts'

type Settled = 'mine' | 'theirs' | 'refused'

export const editTicket = implement(declared.editTicket, async (context, { ticketId, set }) => {
  const ticket = getTicket(context.tx, ticketId)
  await must(context, 'ticket.edit', ticket)
  const { description, ...fields } = set
  if (description !== undefined) await replaceText(context, ticket, description)

  const changes = flatten(fields)
  const outcomes: Record<Settled, Record<string, unknown>> = { mine: {}, theirs: {}, refused: {} }
  for (const [field, value] of Object.entries(changes)) {
    outcomes[await settle(context, ticket, field, value)][field] = value
  }
  await apply(context, ticket, outcomes.mine)
  const { mine, theirs, refused } = outcomes
  const lost = { ...theirs, ...refused }
  const isAllRefused = description === undefined && Object.keys(mine).length === 0 && Object.keys(theirs).length === 0
  await report(context, ticket, lost, { isAllRefused })
})

/** Custom fields are settled one by one, so each stands as a field of its own: `custom.colour`. */
function flatten({ custom, ...fields }: Omit<EditableFields, 'description'>): Record<string, unknown> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined)
  const ofCustom = Object.entries(custom ?? {}).map(([name, value]) => [`custom.${name}`, value] as const)
  return Object.fromEntries([...given, ...ofCustom])
}

async function settle(context: CommandContext, ticket: TicketRow, field: string, value: unknown): Promise<Settled> {
  const meanwhile = changedMeanwhile(context, ticket.id, field)
  if (meanwhile === null) return 'mine'
  if (field !== 'priority') return laterStands(context.effectiveAt, meanwhile.at) ? 'mine' : 'theirs'
  const seen = await prioritySeen(context, ticket)
  const settled = settlePriority(ticket.priority, Priority.parse(value), seen)
  return settled === 'take' ? 'mine' : settled === 'refuse' ? 'refused' : 'theirs'
}

/** The priority that the author was looking at: what the first change after that replaced. */
async function prioritySeen({ tx, seen }: CommandContext, ticket: TicketRow): Promise<Priority> {
  const events = await tx
    .selectFrom('event')
    .select(['id', 'payload'])
    .where('subjectId', '=', ticket.id)
    .where('type', '=', 'ticket-edited')
    .where('seq', '>', seen)
    .orderBy('id')
    .execute()
  for (const event of events) {
    const { from = {} } = eventPayload(tx, event) as { from?: { priority?: Priority } }
    if (from.priority !== undefined) return from.priority
  }
  return ticket.priority
}

async function apply(context: CommandContext, ticket: TicketRow, mine: Record<string, unknown>): Promise<void> {
  if (Object.keys(mine).length === 0) return
  const { skills, ...plain } = Object.fromEntries(
    Object.entries(mine).filter(([field]) => !field.startsWith('custom.')),
  )
  const custom = storedJson<CustomFields>(context.tx, ticket.custom, `The custom fields of ${ticket.number}`, {})
  const changed: CustomFields = {}
  const from: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(mine)) {
    stampField(context, ticket.id, field)
    if (field.startsWith('custom.')) {
      const name = field.slice('custom.'.length)
      from[field] = custom[name] ?? null
      changed[name] = value as CustomFields[string]
    } else if (field === 'skills')
      from[field] = storedJson(context.tx, ticket.skills, `The skills of ${ticket.number}`, [])
    else from[field] = ticket[field as keyof TicketRow]
  }
  updateTicket(context, ticket.id, {
    ...plain,
    custom: customText(custom, changed),
    ...(skills !== undefined && { skills: JSON.stringify(skills) }),
  })
  await context.event({ subject: 'ticket', subjectId: ticket.id, type: 'ticket-edited', payload: { from, to: mine } })
}

/** Keeps the values that lost in the ticket's history and tells the author. */
async function report(
  context: CommandContext,
  ticket: TicketRow,
  lost: Record<string, unknown>,
  { isAllRefused }: { isAllRefused: boolean },
): Promise<void> {
  const names = Object.keys(lost)
  if (names.length === 0) return
  if (isAllRefused) {
    throw new Refusal(
      'superseded',
      `priority: meanwhile it was raised to ${ticket.priority}, so it was not lowered.`,
      'Check why it was raised, then lower it if that is still right.',
    )
  }
  await context.event({ subject: 'ticket', subjectId: ticket.id, type: 'ticket-edit-superseded', payload: { lost } })
  if (names.length === 1 && 'priority' in lost) {
    context.adjust(
      'higher-priority-stands',
      `priority: meanwhile it was raised to ${ticket.priority}; that value stands.`,
    )
  } else {
    context.adjust('newer-value-stands', `${names.join(', ')}: another person changed this later; that value stands.`)
  }
}
