/** The times of a ticket follow when somebody approves that work which came too late counts from when it was done. */
import type { CommandContext, Event } from '../../core/command.ts'
import { getTicket, updateTicket } from './rows.ts'

/** Which time of a ticket is that of a command. */
const TIMES = {
  'ticket.create': 'createdAt',
  'ticket.resolve': 'resolvedAt',
  'ticket.close': 'closedAt',
  'ticket.cancel': 'closedAt',
} as const

interface ApprovedTime {
  /** The command. */
  readonly name: string
  /** From when it counted until now, and from when it does. */
  readonly countedFrom: number
  readonly claimedAt: number
}

/** Not where something else has come since. */
export async function correctTimes(context: CommandContext, { subjectId, type, payload }: Event): Promise<void> {
  if (type !== 'backdate-approved') return
  const { name, countedFrom, claimedAt } = payload as unknown as ApprovedTime
  const column = Object.hasOwn(TIMES, name) ? TIMES[name as keyof typeof TIMES] : undefined
  const ticket = getTicket(context.tx, subjectId)
  if (column === undefined || ticket[column] !== countedFrom) return
  const from = column === 'createdAt' ? 0 : ticket.createdAt
  updateTicket(context, ticket.id, { [column]: Math.max(claimedAt, from) })
}
