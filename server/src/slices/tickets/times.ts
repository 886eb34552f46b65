/** The times of a ticket follow when somebody approves that work which came too late counts from when it was done. */
import { isDeviceCommand, type TicketCommandName } from '@rejoin/shared/commands.ts'
import type { CommandContext } from '../../core/command.ts'
import type { Event } from '../../core/events.ts'
import { getTicket, updateTicket } from './rows.ts'

/** Which time of a ticket is that of a command. */
const TIMES: Partial<Readonly<Record<TicketCommandName, 'createdAt' | 'resolvedAt' | 'closedAt'>>> = {
  'ticket.create': 'createdAt',
  'ticket.resolve': 'resolvedAt',
  'ticket.close': 'closedAt',
  'ticket.cancel': 'closedAt',
}

/** Not where something else has come since. */
export function correctTimes(context: CommandContext, { subjectId, type, payload }: Event): void {
  if (type !== 'backdate-approved') return
  const { name, countedFrom, claimedAt } = payload
  const column = isDeviceCommand(name) && name !== 'parked.withdraw' ? TIMES[name] : undefined
  const ticket = getTicket(context.tx, subjectId)
  if (column === undefined || ticket[column] !== countedFrom) return
  const from = column === 'createdAt' ? 0 : ticket.createdAt
  updateTicket(context, ticket.id, { [column]: Math.max(claimedAt, from) })
}
