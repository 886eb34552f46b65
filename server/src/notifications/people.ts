/** Writes in-app notifications for what happens to people: somebody waits for approval, or has got it. */
import { approversOf } from '../accounts/people/queries.ts'
import { getAuthor } from '../accounts/queries.ts'
import type { CommandContext, Event } from '../core/commit/command.ts'
import { tell } from './tell.ts'

export async function notifyOfPeople(context: CommandContext, event: Event): Promise<void> {
  const { type, subjectId, payload } = event
  if (type === 'user-joined' && payload['status'] === 'pending') {
    const { name, role, departments } = await getAuthor(context.tx, subjectId)
    const notice = { type: 'approval-needed', payload: { userId: subjectId, name, role } }
    tell(context, notice, await approversOf(context.tx, departments))
  }
  if (type === 'user-approved') tell(context, { type, payload: {} }, [subjectId])
}
