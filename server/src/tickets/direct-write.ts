/**
 * A document edited by a stock Yjs client. Text merges; a write to a known key of `fields` is merged and then judged
 * as the equivalent command, and what the rules decide is written back in the same transaction. Anything else is
 * refused whole, merging nothing.
 */
import { z } from 'zod'
import { Update, type DeviceCommandName } from '@rejoin/shared/commands.ts'
import { FIELDS, rootsOf, TEXTS } from '@rejoin/shared/document.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { EditableFields, Id } from '@rejoin/shared/tickets.ts'
import type { Verdict } from '@rejoin/shared/verdicts.ts'
import { command, type CommandContext } from '../core/command.ts'
import { mergeUpdate } from '../core/merge-update.ts'
import { TICKET_COMMANDS } from './commands.ts'
import { must } from './authorize.ts'
import { getTicket, type TicketRow } from './rows.ts'
import { keepTexts } from './text.ts'

export type FieldVerdict = Omit<Verdict, 'id'> & { readonly field: string }

interface Equivalent {
  readonly name: DeviceCommandName
  readonly input: Readonly<Record<string, unknown>>
}

type Fields = ReadonlyMap<string, unknown>

/** The commands that a write of the field stands for. */
const EQUIVALENTS: Readonly<
  Record<string, (context: CommandContext, ticket: TicketRow, fields: Fields) => Equivalent[]>
> = {
  ...Object.fromEntries(
    Object.keys(EditableFields.shape).map((field) => [
      field,
      (_context: CommandContext, _ticket: TicketRow, fields: Fields) => [
        { name: 'ticket.edit' as const, input: { set: { [field]: fields.get(field) } } },
      ],
    ]),
  ),
  status: (_context, ticket, fields) => [statusCommand(ticket, fields)],
  // What a status is changed with: judged together with `status`, and written back when it comes alone.
  statusReason: () => [],
  resolution: () => [],
  assigneeId: ({ actor }, ticket, fields) => {
    const agentId = fields.get('assigneeId')
    if (agentId === null || agentId === undefined) return [{ name: 'ticket.unassign', input: {} }]
    if (agentId === actor.id && ticket.assigneeId === null) return [{ name: 'ticket.claim', input: {} }]
    return [{ name: 'ticket.assign', input: { agentId } }]
  },
  departmentId: (_context, _ticket, fields) => [
    { name: 'ticket.move', input: { departmentId: fields.get('departmentId') } },
  ],
}

function statusCommand(ticket: TicketRow, fields: Fields): Equivalent {
  const to = fields.get('status')
  const reason = fields.get('statusReason') ?? undefined
  if (to === 'resolved') return { name: 'ticket.resolve', input: { resolution: fields.get('resolution') } }
  if (to === 'closed') return { name: 'ticket.close', input: {} }
  if (to === 'cancelled') return { name: 'ticket.cancel', input: { reason } }
  if (to === 'in_progress' && ticket.status === 'resolved') return { name: 'ticket.reopen', input: { reason } }
  return { name: 'ticket.transition', input: { to, reason } }
}

export const mergeDocument = command({
  name: 'document.merge',
  input: z.object({ ticketId: Id, update: Update }),
  async run(context, { ticketId, update }): Promise<{ verdicts: FieldVerdict[] }> {
    const ticket = await getTicket(context.tx, ticketId)
    const doc = await context.edit(ticketId)
    const touched = await mergeUpdate(context, doc, update, { roots: [...TEXTS, FIELDS] })
    if (TEXTS.some((name) => touched.has(name))) {
      await must(context, 'ticket.write-text', ticket)
      await keepTexts(context, ticket, doc)
    }
    const fields: Fields = new Map(rootsOf(doc).fields.entries())
    const verdicts: FieldVerdict[] = []
    for (const field of touched.get(FIELDS) ?? []) {
      for (const equivalent of equivalentsOf(context, ticket, field, fields)) {
        const { name, input } = equivalent
        verdicts.push({ field: field ?? '', ...(await context.call(TICKET_COMMANDS[name], { ...input, ticketId })) })
      }
      context.show(ticketId)
    }
    return { verdicts }
  },
})

function equivalentsOf(context: CommandContext, ticket: TicketRow, field: string | null, fields: Fields): Equivalent[] {
  const equivalents = field === null || !Object.hasOwn(EQUIVALENTS, field) ? undefined : EQUIVALENTS[field]
  if (equivalents === undefined) {
    throw new Refusal('forbidden', `The field "${field}" is the server's alone.`, 'Send a command instead.')
  }
  return equivalents(context, ticket, fields)
}
