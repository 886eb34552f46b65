import { mutation, query, router } from '../core/trpc.ts'
import { markRead } from './commands.ts'
import { NotificationPage, ownNotifications } from './queries.ts'

export const notifications = router({
  list: query(NotificationPage, ownNotifications),
  markRead: mutation(markRead),
})
