/** Writes in-app notifications about approval: a person waits for it, was approved, or was rejected. */
import { approversOf } from '../accounts/people/queries.ts'
import { getAuthor } from '../accounts/queries.ts'
import type { CommandContext, Event } from '../../core/command.ts'
import { tell } from './tell.ts'

export async function notifyOfPeople(context: CommandContext, event: Event): Promise<void> {
  const { type, subjectId, payload } = event
  if (type === 'user-joined' && payload['status'] === 'pending') {
    const { name, role, departments } = await getAuthor(context.tx, subjectId)
    const notice = { type: 'approval-needed', payload: { userId: subjectId, name, role } }
    tell(context, notice, await approversOf(context.tx, departments))
  }
  // A rejected person reads it if an administrator enables their account after all.
  if (type === 'user-approved' || type === 'user-rejected') tell(context, { type, payload }, [subjectId])
}
