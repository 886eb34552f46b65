/**
 * Every time that the database keeps, and how far ahead of now each can be at most. Every new one must be listed here:
 * by this list the wrong times of a clock are found and corrected.
 */
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
export interface StoredTime {
  readonly table: string
  readonly column: string
  /** How far ahead of now it can be; 0 for times of events. */
  readonly longestMs: number
  /** Ms per unit, if the unit is not ms. */
  readonly unitMs?: number
  /** The latest possible time, as SQL over the row; null if unknown: then it is now. */
  readonly latest?: string
}

const OF_ITS_SEQ = (table: string) => `(select at from revision where seq = "${table}".seq)`
export const OF_NEXT_EVENT =
  '(select later."recordedAt" from event later where later.id > event.id and later."recordedAt" <= :now order by later.id limit 1)'
const OF_NEXT_REVISION =
  '(select later.at from revision later where later.seq > revision.seq and later.at <= :now order by later.seq limit 1)'
const OF_CREATION = '(select "recordedAt" from event where "subjectId" = ticket.id order by id limit 1)'
const OF_LAST_EVENT = '(select max("effectiveAt") from event where "subjectId" = ticket.id)'
const OF_CHOICE = '(select "recordedAt" from event where id >= "slaChoice"."afterEvent" order by id limit 1)'

function happened(table: string, columns: readonly string[], latest?: string): StoredTime[] {
  return columns.map((column) => ({ table, column, longestMs: 0, ...(latest !== undefined && { latest }) }))
}

/** Columns by which others are corrected come before these. */
export const STORED_TIMES: readonly StoredTime[] = [
  ...happened('revision', ['at'], OF_NEXT_REVISION),
  ...happened('event', ['recordedAt'], OF_NEXT_EVENT),
  ...happened('ticket', ['recordedAt'], OF_CREATION),
  ...happened('ticket', ['createdAt'], OF_CREATION.replace('recordedAt', 'effectiveAt')),
  ...happened('ticket', ['startedAt', 'firstRespondedAt', 'resolvedAt', 'closedAt'], OF_LAST_EVENT),
  ...['comment', 'workLog'].flatMap((table) => happened(table, ['createdAt', 'recordedAt'], OF_ITS_SEQ(table))),
  ...happened('ticketStamp', ['at'], OF_ITS_SEQ('ticketStamp')),
  ...happened('slaChoice', ['recordedAt', 'effectiveAt'], OF_CHOICE),
  ...happened('slaEvent', ['effectiveAt', 'recordedAt', 'detectedAt']),
  ...happened('slaRollout', ['at']),
  ...['slaCalendar', 'slaCalendarVersion', 'slaPolicy', 'slaPolicyVersion'].flatMap((table) =>
    happened(table, ['createdAt']),
  ),
  { table: 'slaClock', column: 'confirmAt', longestMs: 7 * DAY_MS },
  ...happened('slaClock', ['acknowledgedAt']),
  ...happened('receipt', ['effectiveAt', 'recordedAt', 'claimedAt', 'decidedAt']),
  ...happened('notification', ['createdAt', 'readAt']),
  ...happened('outbox', ['createdAt', 'attemptAt', 'sentAt']),
  { table: 'outbox', column: 'nextAttemptAt', longestMs: 6 * HOUR_MS },
  ...happened('device', ['createdAt', 'lastSeenAt', 'oldestPendingAt', 'revokedAt']),
  ...happened('recovery', ['beganAt', 'finishedAt']),
  ...happened('textClient', ['leasedAt']),
  ...happened('attempt', ['lastAt']),
  { table: 'attempt', column: 'nextAt', longestMs: HOUR_MS },
  ...happened('knownPlace', ['lastAt']),
  ...happened('signInPlace', ['lastAt']),
  ...happened('session', ['createdAt', 'lastSeenAt']),
  { table: 'session', column: 'expiresAt', longestMs: 30 * DAY_MS },
  ...happened('apiToken', ['createdAt', 'lastSeenAt']),
  { table: 'apiToken', column: 'expiresAt', longestMs: 365 * DAY_MS },
  { table: 'challenge', column: 'expiresAt', longestMs: 10 * MINUTE_MS },
  { table: 'passwordReset', column: 'expiresAt', longestMs: HOUR_MS },
  ...happened('invitation', ['createdAt']),
  { table: 'invitation', column: 'expiresAt', longestMs: 30 * DAY_MS },
  ...happened('registration', ['requestedAt']),
  ...happened('resetRequest', ['requestedAt']),
  ...happened('totp', ['createdAt', 'confirmedAt']),
  { table: 'totp', column: 'lastStep', longestMs: 30_000, unitMs: 30_000 },
  { table: 'secondStepRule', column: 'requiredAt', longestMs: 365 * DAY_MS },
  ...['customRole', 'department', 'user'].flatMap((table) => happened(table, ['createdAt'])),
  ...happened('department', ['disabledAt']),
  { table: 'lease', column: 'until', longestMs: MINUTE_MS },
]
