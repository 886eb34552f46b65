/**
 * A document edited by a stock Yjs client. Text merges; a write to a known key of `fields` is merged and then judged
 * as the equivalent command, and what the rules decide is written back in the same transaction. Anything else is
 * refused whole, merging nothing.
 */
import type * as Y from 'yjs'
import { z } from 'zod'
import { type TicketCommandName } from '@rejoin/shared/commands.ts'
import { Update } from '@rejoin/shared/tickets/commands/text.ts'
import { FIELDS } from '@rejoin/shared/sync/document.ts'
import { TICKET_SHAPE } from '@rejoin/shared/tickets/shape.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { EditableFields, MAX_TAGS, Tag } from '@rejoin/shared/tickets/ticket.ts'
import { Id } from '@rejoin/shared/values.ts'
import type { Verdict } from '@rejoin/shared/sync/verdicts.ts'
import { command, type CommandContext } from '../../core/command.ts'
import { refusedBy } from '../../core/commit/outcome.ts'
import { mayHoldHalf } from '../../core/documents/halves.ts'
import { mergeUpdate } from '../../core/documents/merge-update.ts'
import { TICKET_COMMANDS } from './commands.ts'
import { must } from './authorize.ts'
import { getTicket, type TicketRow } from './rows.ts'
import { keepTexts } from './commands/text.ts'

export type FieldVerdict = Omit<Verdict, 'id'> & { readonly field: string }

interface Equivalent {
  readonly name: TicketCommandName
  readonly input: Readonly<Record<string, unknown>>
}

/** What the author wrote, by key. */
type Written = ReadonlyMap<string, unknown>

/** A refusal where the value stands for more commands than are taken. */
type Translated = Equivalent[] | Refusal

type Translate = (context: CommandContext, ticket: TicketRow, written: Written) => Translated | Promise<Translated>

/** The commands that a write of the field stands for. */
const EQUIVALENTS: Readonly<Record<string, Translate>> = {
  ...Object.fromEntries(Object.keys(EditableFields.shape).map((field) => [field, editOf(field)])),
  status: (_context, ticket, written) => [statusCommand(ticket, written)],
  tags: tagCommands,
  assigneeId: ({ actor }, ticket, written) => {
    const agentId = written.get('assigneeId')
    if (agentId === null) return [{ name: 'ticket.unassign', input: {} }]
    if (agentId === actor.id && ticket.assigneeId === null) return [{ name: 'ticket.claim', input: {} }]
    return [{ name: 'ticket.assign', input: { agentId } }]
  },
  departmentId: (_context, _ticket, written) => [
    { name: 'ticket.move', input: { departmentId: written.get('departmentId') } },
  ],
}

/** What a status is changed with: judged together with `status`, and refused when it comes alone. */
const WITH_STATUS = new Set(['statusReason', 'resolution'])

function editOf(field: string): Translate {
  return (_context, _ticket, written) => [{ name: 'ticket.edit', input: { set: { [field]: written.get(field) } } }]
}

function statusCommand(ticket: TicketRow, written: Written): Equivalent {
  const to = written.get('status')
  const reason = written.get('statusReason') ?? undefined
  if (to === 'resolved') return { name: 'ticket.resolve', input: { resolution: written.get('resolution') } }
  if (to === 'closed') return { name: 'ticket.close', input: {} }
  if (to === 'cancelled') return { name: 'ticket.cancel', input: { reason } }
  if (to === 'in_progress' && ticket.status === 'resolved') return { name: 'ticket.reopen', input: { reason } }
  return { name: 'ticket.transition', input: { to, reason } }
}

/** The list of tags stands for one command for each tag that it adds or leaves out. */
async function tagCommands({ tx }: CommandContext, ticket: TicketRow, written: Written): Promise<Translated> {
  const list = written.get('tags')
  if (!Array.isArray(list)) return [{ name: 'ticket.tag', input: { tag: list } }]
  if (list.length > MAX_TAGS) {
    return new Refusal('too-large', `tags: there are ${list.length}; the limit is ${MAX_TAGS} per ticket.`)
  }
  // What no tag can be stays, and is refused for it.
  const wanted = new Set<unknown>(list.map((tag: unknown) => Tag.safeParse(tag).data ?? tag))
  const rows = await tx.selectFrom('ticketTag').select('tag').where('ticketId', '=', ticket.id).execute()
  const now = new Set<unknown>(rows.map(({ tag }) => tag))
  const added = [...wanted].filter((tag) => !now.has(tag))
  const removed = [...now].filter((tag) => !wanted.has(tag))
  return [
    ...added.map((tag) => ({ name: 'ticket.tag' as const, input: { tag } })),
    ...removed.map((tag) => ({ name: 'ticket.untag' as const, input: { tag } })),
  ]
}

export const mergeDocument = command({
  name: 'document.merge',
  input: z.object({ ticketId: Id, update: Update }),
  async run(context, { ticketId, update }): Promise<{ verdicts: FieldVerdict[] }> {
    const ticket = getTicket(context.tx, ticketId)
    const doc = context.edit(ticketId)
    const { roots, fields } = mergeUpdate(context, doc, update, { roots: [...TICKET_SHAPE.texts, FIELDS] })
    for (const field of fields.keys()) assertKnown(field)
    if (TICKET_SHAPE.texts.some((name) => roots.has(name))) {
      await must(context, 'ticket.write-text', ticket)
      await keepTexts(context, ticket, doc)
    }
    if (fields.size > 0) context.show(ticketId)
    const written: Written = new Map([...fields].map(([field, value]) => [field, valueOf(doc, field, value)]))
    for (const [field, value] of written) if (mayHoldHalf(value)) doc.getMap(FIELDS).set(field, value)
    const verdicts: FieldVerdict[] = []
    for (const field of written.keys()) {
      const verdict = await judge(context, ticket, field, written)
      if (verdict !== null) verdicts.push({ field, ...verdict })
    }
    return { verdicts }
  },
})

function assertKnown(field: string): void {
  if (Object.hasOwn(EQUIVALENTS, field) || WITH_STATUS.has(field)) return
  throw new Refusal('forbidden', `Only the server may write the field "${field}".`, 'Send a command instead.')
}

/** Null for a key that was deleted; undefined for a value that a concurrent one had replaced before it came here. */
function valueOf(doc: Y.Doc, field: string, value: unknown): unknown {
  return value === undefined && !doc.getMap(FIELDS).has(field) ? null : value
}

async function judge(
  context: CommandContext,
  ticket: TicketRow,
  field: string,
  written: Written,
): Promise<Omit<FieldVerdict, 'field'> | null> {
  if (written.get(field) === undefined) {
    return refusedBy(new Refusal('superseded', `${field}: another person changed it before this arrived.`), context)
  }
  const equivalent = EQUIVALENTS[field]
  if (equivalent === undefined) {
    if (written.has('status')) return null
    return refusedBy(new Refusal('invalid', `${field}: it changes only together with the status.`), context)
  }
  const commands = await equivalent(context, ticket, written)
  if (commands instanceof Refusal) return refusedBy(commands, context)
  let worst: Omit<FieldVerdict, 'field'> = { outcome: 'applied' }
  for (const { name, input } of commands) {
    const verdict = await context.call(TICKET_COMMANDS[name], { ...input, ticketId: ticket.id })
    if (worst.outcome === 'applied') worst = verdict
  }
  return worst
}
