/** Opening a ticket. */
import * as declared from '@rejoin/shared/tickets/commands/create.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { writeFor } from '../../../core/documents/leases.ts'
import { implement } from '../../../core/api/implement.ts'
import type { CommandContext } from '../../../core/command.ts'
import { getPerson } from '../../accounts/queries.ts'
import { findDepartment, getDepartment, getTaking } from '../../departments/queries.ts'
import { workspaceOf } from '../../workspace/queries.ts'
import { mustByRole } from '../authorize.ts'
import { customText } from '../custom-fields.ts'
import { findTicket } from '../rows.ts'
import { nextNumber } from '../../../core/storage/numbers.ts'

export const createTicket = implement(declared.createTicket, async (context, input) => {
  const { tx, actor, now, effectiveAt, seq, deviceId, event, show } = context
  const { ticketId, title, description, priority, type, tags } = input
  const requesterId = requesterOf(context, input.requesterId)
  if (findTicket(tx, ticketId) !== undefined) {
    throw new Refusal('id-taken', 'ticketId: there is already a ticket with this id.', 'Generate a new id.')
  }
  const number = await nextNumber(tx, 'ticket', 'TKT')
  if (description !== '') describe(context, ticketId, description)
  await tx
    .insertInto('ticket')
    .values({
      id: ticketId,
      number,
      title,
      description,
      notes: '',
      status: 'open',
      statusReason: null,
      priority,
      type,
      category: input.category ?? null,
      subcategory: input.subcategory ?? null,
      departmentId: await departmentFor(context, input.departmentId),
      requesterId,
      assigneeId: null,
      skills: JSON.stringify(input.skills),
      estimateMinutes: input.estimateMinutes ?? null,
      dueAt: input.dueAt ?? null,
      site: input.site ?? null,
      custom: customText({}, input.custom),
      resolution: null,
      source: actor.role === 'requester' ? 'web' : 'agent',
      escalationLevel: 0,
      reopenCount: 0,
      createdAt: effectiveAt,
      recordedAt: now,
      startedAt: null,
      firstRespondedAt: null,
      resolvedAt: null,
      closedAt: null,
      rev: seq,
    })
    .execute()
  const tagRows = [...new Set(tags)].map((tag) => ({ ticketId, tag, addedSeq: seq, addedBy: deviceId }))
  if (tagRows.length > 0) await tx.insertInto('ticketTag').values(tagRows).execute()
  await event({
    subject: 'ticket',
    subjectId: ticketId,
    type: 'ticket-created',
    payload: { number, title, priority },
  })
  show(ticketId)
  return { ticketId, number }
})

function describe(context: CommandContext, ticketId: string, description: string): void {
  const doc = context.edit(ticketId)
  writeFor(context, doc, () => doc.getText('description').insert(0, description))
}

function requesterOf(context: CommandContext, requesterId = context.actor.id): string {
  if (requesterId === context.actor.id) return requesterId
  const ownOnly = new Refusal('forbidden', 'requesterId: you may only open tickets in your own name.')
  mustByRole(context, 'ticket.create-for-others', ownOnly)
  return getPerson(context.tx, requesterId).id
}

/** A disabled department is refused online; a ticket from a device goes to another department. */
async function departmentFor(context: CommandContext, departmentId: string | undefined): Promise<string | null> {
  const { tx, deviceId, adjust } = context
  if (departmentId === undefined) return ownOrDefault(context)
  const { name, disabledAt } = await getDepartment(tx, departmentId)
  if (disabledAt === null) return departmentId
  if (deviceId === null) return (await getTaking(tx, departmentId)).id
  const otherId = await ownOrDefault(context)
  const other = otherId === null ? 'no department' : (await getDepartment(tx, otherId)).name
  adjust('other-department', `${name} is disabled and takes no new tickets: this one is in ${other}.`)
  return otherId
}

async function ownOrDefault({ tx, actor }: CommandContext): Promise<string | null> {
  const own = actor.departments.find((id) => findDepartment(tx, id)?.disabledAt === null)
  return own ?? (await workspaceOf(tx)).defaultDepartmentId ?? null
}
