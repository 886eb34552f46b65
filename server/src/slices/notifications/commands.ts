/** Commands about one's notifications. */
import { z } from 'zod'
import { Id } from '@rejoin/shared/tickets/ticket.ts'
import { command } from '../../core/command.ts'

export const markRead = command({
  name: 'notification.mark-read',
  input: z.object({ notificationIds: z.array(Id).min(1).max(500) }),
  async run({ tx, actor, now }, { notificationIds }) {
    await tx
      .updateTable('notification')
      .set({ readAt: now })
      .where('userId', '=', actor.id)
      .where('id', 'in', notificationIds)
      .where('readAt', 'is', null)
      .execute()
  },
})
