import { mutation, query, router } from '../../core/api/procedures.ts'
import { markRead } from './commands.ts'
import { NotificationPage, ownNotifications } from './queries.ts'

export const notifications = router({
  list: query(NotificationPage, ownNotifications),
  markRead: mutation(markRead),
})
