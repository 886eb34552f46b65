/** Commands about one's notifications. */
import { implement } from '../../core/api/implement.ts'
import * as contract from './contract.ts'

export const markRead = implement(contract.markRead, async ({ tx, actor, now }, { notificationIds }) => {
  await tx
    .updateTable('notification')
    .set({ readAt: now })
    .where('userId', '=', actor.id)
    .where('id', 'in', notificationIds)
    .where('readAt', 'is', null)
    .execute()
})
