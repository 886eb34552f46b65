/**
 * Writes in-app notifications for what happens, in the same transaction; the only place that does. Nobody is told of
 * their own doing, and nobody of the past.
 */
import type { CommandContext } from '../../core/command.ts'
import type { EventType, Recorded } from '../../core/events.ts'
import { insertRow } from '../../core/storage/prepared.ts'
import { TOLD } from './notices.ts'

export async function notify<Type extends EventType>(context: CommandContext, event: Recorded<Type>): Promise<void> {
  if (context.isHistory) return
  const notice = await TOLD[event.type]?.(context, event)
  if (notice == null) return
  const { userIds, payload, ...rest } = notice
  for (const userId of new Set(userIds)) {
    if (userId === event.actorId) continue
    insertRow(context.tx, 'notification', {
      ...rest,
      id: context.newId(),
      userId,
      payload: JSON.stringify(payload),
      createdAt: context.now,
      readAt: null,
    })
  }
}
