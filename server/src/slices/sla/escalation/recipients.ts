/** Who the recipients of a level are, for one ticket. */
import { sql } from 'kysely'
import type { Recipient } from '../engine/policy.ts'
import type { Read } from '../../../core/storage/db.ts'
import type { TicketRow } from '../../tickets/queries.ts'

/** The ids of active people, each once. */
export async function peopleOf(read: Read, ticket: TicketRow, recipients: readonly Recipient[]): Promise<string[]> {
  const ids: string[] = []
  for (const recipient of recipients) ids.push(...(await peopleOfOne(read, ticket, recipient)))
  return [...new Set(ids)]
}

export function webhooksOf(recipients: readonly Recipient[]): string[] {
  return recipients.flatMap((recipient) =>
    typeof recipient === 'object' && 'webhook' in recipient ? [recipient.webhook] : [],
  )
}

async function peopleOfOne(read: Read, ticket: TicketRow, recipient: Recipient): Promise<string[]> {
  if (recipient === 'assignee') return ticket.assigneeId === null ? [] : [ticket.assigneeId]
  const active = read.selectFrom('user').select('user.id').where('status', '=', 'active').orderBy('user.id')
  if (typeof recipient === 'object') {
    if ('webhook' in recipient) return []
    const chosen =
      'role' in recipient ? active.where('role', '=', recipient.role) : active.where('user.id', '=', recipient.userId)
    return (await chosen.execute()).map(({ id }) => id)
  }
  const members = active
    .innerJoin('membership', 'membership.userId', 'user.id')
    .where('membership.departmentId', '=', ticket.departmentId ?? '')
  // The `+`: by the department, not by all who have the role.
  const heads = members.where('isHead', '=', 1)
  const rows = await (recipient === 'lead' ? heads : members.where(sql<string>`+role`, '=', 'supervisor')).execute()
  return rows.map(({ id }) => id)
}
