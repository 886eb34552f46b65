export interface NotificationTable {
  id: string
  userId: string
  type: string
  ticketId: string | null
  /** JSON. */
  payload: string
  createdAt: number
  readAt: number | null
}

declare module '../../core/storage/db.ts' {
  interface Tables {
    notification: NotificationTable
  }
}
