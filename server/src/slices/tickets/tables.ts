import type { Priority } from '@rejoin/shared/priority.ts'
import type { Source, TicketType, Visibility, Watcher } from '@rejoin/shared/tickets/ticket.ts'
import type { Status } from '@rejoin/shared/statuses.ts'

export interface TicketTable {
  id: string
  number: string
  title: string
  /** The texts as the document has them, for lists and search. */
  description: string
  notes: string
  status: Status
  statusReason: string | null
  priority: Priority
  type: TicketType
  category: string | null
  subcategory: string | null
  departmentId: string | null
  requesterId: string
  assigneeId: string | null
  /** JSON of `Skill[]`. */
  skills: string
  estimateMinutes: number | null
  dueAt: number | null
  site: string | null
  /** JSON of `CustomFields`. */
  custom: string
  resolution: string | null
  source: Source
  escalationLevel: number
  reopenCount: number
  /** When it was created, and when the server learned of it. */
  createdAt: number
  recordedAt: number
  /** When the assignee first did something on it; null again after a reassignment. */
  startedAt: number | null
  firstRespondedAt: number | null
  resolvedAt: number | null
  closedAt: number | null
  /** The `seq` of its last change. */
  rev: number
}

/** `addedSeq` and `addedBy` (a device) tell a concurrent remove that the add came later. */
export interface TicketTagTable {
  ticketId: string
  tag: string
  addedSeq: number
  addedBy: string | null
}

export interface TicketWatcherTable {
  ticketId: string
  userId: string
  reason: Watcher['reason']
  addedSeq: number
  addedBy: string | null
}

/** When a field was last changed, and by which device: what a concurrent change is judged against. */
export interface TicketStampTable {
  ticketId: string
  field: string
  seq: number
  at: number
  deviceId: string | null
}

export interface CommentTable {
  id: string
  ticketId: string
  authorId: string
  authorName: string
  body: string
  visibility: Visibility
  createdAt: number
  recordedAt: number
  seq: number
}

export interface WorkLogTable {
  id: string
  ticketId: string
  authorId: string
  authorName: string
  minutes: number
  note: string | null
  createdAt: number
  recordedAt: number
  seq: number
}

/** The ticket's rows have changed without its document, by a migration. */
export interface StaleDocumentTable {
  ticketId: string
}

declare module '../../core/storage/db.ts' {
  interface Tables {
    staleDocument: StaleDocumentTable
    ticket: TicketTable
    ticketTag: TicketTagTable
    ticketWatcher: TicketWatcherTable
    ticketStamp: TicketStampTable
    comment: CommentTable
    workLog: WorkLogTable
  }
}
