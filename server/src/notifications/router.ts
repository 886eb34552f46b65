import { z } from 'zod'
import { mutation, query, router } from '../core/trpc.ts'
import { markRead } from './commands.ts'
import { ownNotifications } from './queries.ts'

export const notifications = router({
  list: query(z.object({ unread: z.boolean().default(false) }).default({ unread: false }), ownNotifications),
  markRead: mutation(markRead),
})
