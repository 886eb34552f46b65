/**
 * Every list answers from an index in its order, however many rows there are: the columns compared by equality come
 * first, then the columns that sort the list, then the one that makes its order unique.
 */
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const RANK = `case priority when 'urgent' then 3 when 'high' then 2 when 'medium' then 1 else 0 end`
const OPEN = `'open', 'in_progress', 'waiting_customer', 'waiting_third_party', 'on_hold'`
const DUE = `coalesce(dueAt, 8640000000000000)`

const STATEMENTS = [
  `drop index ticketByCreation`,
  `drop index ticketByDepartment`,
  `drop index ticketByAssignee`,
  `create index ticketByStatusCreated on ticket (status, createdAt, id)`,
  `create index ticketByStatusDue on ticket (status, ${DUE}, id)`,
  `create index ticketByStatusRank on ticket (status, ${RANK}, createdAt, id)`,
  `create index ticketByDepartmentCreated on ticket (departmentId, status, createdAt, id)`,
  `create index ticketByDepartmentDue on ticket (departmentId, status, ${DUE}, id)`,
  `create index ticketByDepartmentRank on ticket (departmentId, status, ${RANK}, createdAt, id)`,
  `create index ticketByAssigneeCreated on ticket (assigneeId, status, createdAt, id)`,
  `create index ticketByAssigneeDue on ticket (assigneeId, status, ${DUE}, id)`,
  `create index ticketByAssigneeRank on ticket (assigneeId, status, ${RANK}, createdAt, id)`,
  `create index ticketByRev on ticket (rev, id)`,
  `create index ticketOpen on ticket (id) where status in (${OPEN})`,

  `drop index commentByTicket`,
  `create index commentByTicket on comment (ticketId, seq, id)`,
  `drop index workLogByTicket`,
  `create index workLogByTicket on workLog (ticketId, seq, id)`,
  `drop index slaClockByDeadline`,
  `create index slaClockByDeadline on slaClock (dueAt, id) where state = 'running'`,

  // Few receipts wait for a person, and few notifications are unread.
  `create index receiptUndecided on receipt (number) where outcome = 'parked'`,
  `drop index notificationByUser`,
  `create index notificationByUser on notification (userId, createdAt, id)`,
  `create index notificationUnread on notification (userId, createdAt, id) where readAt is null`,

  // A kind that nobody sends now must not stand in front of the others.
  `drop index outboxDue`,
  `create index outboxDue on outbox (kind, nextAttemptAt, id) where sentAt is null and setAside is null`,
  `create index outboxWaiting on outbox (kind, createdAt, id) where sentAt is null and setAside is null`,
  `drop index outboxSetAside`,
  `create index outboxSetAside on outbox (kind, createdAt, id) where sentAt is null and setAside is not null`,

  `create index auditByKind on audit (subject, number)`,
  `create index auditByAddress on audit (address, number) where address is not null`,
  `create index auditByTime on audit (at, number)`,

  `create index sessionByExpiry on session (expiresAt) where endCode is null`,
  `create index sessionByStart on session (createdAt) where endCode is null`,
  `create index challengeByExpiry on challenge (expiresAt)`,

  `create index userByName on user (name, id)`,
  `create index userByRole on user (role, name, id)`,
  `create index userPending on user (createdAt, id) where status = 'pending'`,
  `create index invitationByAge on invitation (createdAt, id)`,
  `create index membershipByDepartment on membership (departmentId, userId)`,
  `create index deviceByContact on device (lastSeenAt, id)`,
  `create index deviceByFormer on device (formerId) where formerId is not null`,
  `create index deviceUnused on device (createdAt, id)
    where lastSeenAt <= createdAt and oldestPendingAt is null and name is null and revokedAt is null`,
  `create index devicePending on device (lastSeenAt - oldestPendingAt, id) where oldestPendingAt is not null`,
]

export const listIndexes: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}
