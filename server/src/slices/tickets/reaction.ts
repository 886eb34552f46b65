/** Changes tickets when something happens to a person of theirs. */
import { OPEN_STATUSES } from '@rejoin/shared/statuses.ts'
import type { CommandContext } from '../../core/command.ts'
import type { Event } from '../../core/events.ts'
import { giveTo } from './commands/assign.ts'
import { getTicket } from './rows.ts'

/** Gives the open tickets of somebody who can do no more work back to their departments' queues. */
export async function giveBack(context: CommandContext, event: Event): Promise<void> {
  if (event.subject !== 'user' || !endsWork(event)) return
  const { tx } = context
  const rows = await tx
    .selectFrom('ticket')
    .select('id')
    .where('assigneeId', '=', event.subjectId)
    .where('status', 'in', [...OPEN_STATUSES])
    .orderBy('id')
    .execute()
  for (const { id } of rows) await giveTo(context, getTicket(tx, id), null)
}

/** Documents call who asked and who is responsible by the name they have now. */
export async function showNewName({ tx, show }: CommandContext, event: Event): Promise<void> {
  if (event.type !== 'user-edited' || !event.payload.fields.includes('name')) return
  const rows = await tx
    .selectFrom('ticket')
    .select('id')
    .where((row) => row.or([row('assigneeId', '=', event.subjectId), row('requesterId', '=', event.subjectId)]))
    .orderBy('id')
    .execute()
  for (const { id } of rows) show(id)
}

function endsWork({ type, payload }: Event): boolean {
  return type === 'user-disabled' || (type === 'user-rights-changed' && payload.to.role === 'requester')
}
