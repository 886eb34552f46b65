/** Opening a ticket. */
import * as declared from '@rejoin/shared/tickets/commands/create.ts'
import { ticketKind } from '@rejoin/shared/tickets/kind.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { writeFor } from '../../../core/documents/leases.ts'
import { implement } from '../../../core/api/implement.ts'
import type { CommandContext } from '../../../core/command.ts'
import { getPerson } from '../../accounts/queries.ts'
import { findDepartment, getDepartment, getTaking } from '../../departments/queries.ts'
import { workspaceOf } from '../../workspace/queries.ts'
import { mustByRole } from '../authorize.ts'
import { customText } from '../custom-fields.ts'
import { openTicket } from '../opening.ts'
import { findTicket } from '../rows.ts'

export const createTicket = implement(declared.createTicket, async (context, input) => {
  const { ticketId, title, description, priority, type, tags } = input
  const requesterId = requesterOf(context, input.requesterId)
  if (findTicket(context.tx, ticketId) !== undefined) {
    throw new Refusal('id-taken', 'ticketId: there is already a ticket with this id.', 'Generate a new id.')
  }
  if (description !== '') describe(context, ticketId, description)
  const opened = {
    id: ticketId,
    title,
    description,
    priority,
    type,
    category: input.category ?? null,
    subcategory: input.subcategory ?? null,
    departmentId: await departmentFor(context, input.departmentId),
    requesterId,
    skills: JSON.stringify(input.skills),
    estimateMinutes: input.estimateMinutes ?? null,
    dueAt: input.dueAt ?? null,
    site: input.site ?? null,
    custom: customText({}, input.custom),
    source: context.actor.role === 'requester' ? 'web' : 'agent',
  } as const
  const { number } = await openTicket(context, opened, { tags })
  return { ticketId, number }
})

function describe(context: CommandContext, ticketId: string, description: string): void {
  const doc = context.edit(ticketId, ticketKind.name)
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
  const { name, disabledAt } = getDepartment(tx, departmentId)
  if (disabledAt === null) return departmentId
  if (deviceId === null) return getTaking(tx, departmentId).id
  const otherId = await ownOrDefault(context)
  const other = otherId === null ? 'no department' : getDepartment(tx, otherId).name
  adjust('other-department', `${name} is disabled and takes no new tickets: this one is in ${other}.`)
  return otherId
}

async function ownOrDefault({ tx, actor }: CommandContext): Promise<string | null> {
  const own = actor.departments.find((id) => findDepartment(tx, id)?.disabledAt === null)
  return own ?? (await workspaceOf(tx)).defaultDepartmentId ?? null
}
