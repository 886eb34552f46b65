/** The operations on one's own notifications. */
import { z } from 'zod'
import { declare, declareQuery } from '@rejoin/shared/contract/declare.ts'
import { Id, Instant } from '@rejoin/shared/values.ts'
import { pageBy } from '../../core/input/paging.ts'

export const list = declareQuery({
  name: 'notifications.list',
  input: pageBy({ createdAt: z.number(), id: z.string() })
    .extend({ unread: z.boolean().default(false) })
    .prefault({}),
  output: z.array(
    z.object({
      id: z.string(),
      userId: z.string(),
      type: z.string(),
      ticketId: z.string().nullable(),
      payload: z.record(z.string(), z.unknown()),
      createdAt: Instant,
      readAt: Instant.nullable(),
    }),
  ),
  action: 'signed-in',
  codes: [],
  rest: 'GET /notifications',
  doc: 'Lists the caller’s notifications, the newest first; with `unread`, only those.',
})

export const markRead = declare({
  name: 'notification.mark-read',
  input: z.strictObject({ notificationIds: z.array(Id).min(1).max(500) }),
  output: z.void(),
  action: 'signed-in',
  codes: [],
  rest: 'POST /notifications/mark-read',
  doc: 'Marks notifications of the caller as read.',
})
