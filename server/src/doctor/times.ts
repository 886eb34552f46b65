/**
 * Looks for times that are further ahead than they can be: a clock that was ahead has written them. `clearAhead` puts them
 * back to when they can have been at the latest. The audit log, which grows at its end only, keeps what it says.
 */
import { sql } from 'kysely'
import { z } from 'zod'
import { command } from '../core/commit/command.ts'
import type { Read, Tx } from '../core/db.ts'
import { fine, type Finding } from './finding.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** Clocks of machines that are set differ by less. */
const TOLERANCE_MS = MINUTE_MS

export interface StoredTime {
  readonly table: string
  readonly column: string
  /** How far ahead of now it can be; what has happened is not ahead. */
  readonly longestMs: number
  /** Ms in one of its units, where these are not ms. */
  readonly unitMs?: number
  /** When it was at the latest, as SQL over the row; null where that is not known, and then it is now. */
  readonly latest?: string
}

const OF_ITS_SEQ = (table: string) => `(select at from revision where seq = "${table}".seq)`
const OF_NEXT_EVENT =
  '(select later."recordedAt" from event later where later.id > event.id and later."recordedAt" <= :now order by later.id limit 1)'
const OF_NEXT_REVISION =
  '(select later.at from revision later where later.seq > revision.seq and later.at <= :now order by later.seq limit 1)'
const OF_CREATION = '(select "recordedAt" from event where "subjectId" = ticket.id order by id limit 1)'
const OF_LAST_EVENT = '(select max("effectiveAt") from event where "subjectId" = ticket.id)'
const OF_CHOICE = '(select "recordedAt" from event where id >= "slaChoice"."afterEvent" order by id limit 1)'

function happened(table: string, columns: readonly string[], latest?: string): StoredTime[] {
  return columns.map((column) => ({ table, column, longestMs: 0, ...(latest !== undefined && { latest }) }))
}

/** Of a row, the columns that tell of it first: what others are put back to comes before these. */
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
  { table: 'lease', column: 'until', longestMs: MINUTE_MS },
]

export function lookAtTimes(read: Read, now: number): Finding[] {
  const found = STORED_TIMES.flatMap((time) => {
    const { table, column, unitMs = 1 } = time
    const [seen] = read.rows<{ count: number; latest: number }>(
      `select count(*) as count, max("${column}") as latest from "${table}" where "${column}" > ?`,
      [bound(time, now)],
    )
    const count = seen?.count ?? 0
    return count === 0 ? [] : [{ name: `${count} in ${table}.${column}`, latest: (seen?.latest ?? 0) * unitMs }]
  })
  if (found.length === 0) return [fine('times', 'No time is further ahead than it can be.')]
  const latest = new Date(Math.max(...found.map((each) => each.latest))).toISOString()
  const message = `A clock was ahead, or this machine's is behind: ${found.map(({ name }) => name).join(', ')}, up to ${latest}.`
  const hint =
    'Make sure that the clock of this machine is right (NTP). Then stop the server and run "rejoin doctor --fix": ' +
    'it makes a backup, and puts these back to when they can have been at the latest.'
  return [{ check: 'times', severity: 'error', message, hint, fix: { kind: 'clear-ahead' } }]
}

/** Puts back what is further ahead than it can be. Answers with the tickets of whose history that is a part. */
export const clearAhead = command({
  name: 'times.clear-ahead',
  input: z.void(),
  room: 'any',
  async run({ tx, now }) {
    const ticketIds = await ticketsOfAhead(tx, now)
    await shiftEffective(tx, now)
    for (const time of STORED_TIMES) await putBack(tx, time, now)
    return { ticketIds }
  },
})

async function ticketsOfAhead(tx: Tx, now: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select "subjectId" as id from event where subject = 'ticket' and "recordedAt" > ${now + TOLERANCE_MS}
    union select "ticketId" from "slaChoice" where "recordedAt" > ${now + TOLERANCE_MS}
    union select "ticketId" from "slaTicket" where json_valid(standing) and json_extract(standing, '$.at') > ${now}
    union select "ticketId" from "slaClock" where max("markAt", coalesce("breachAt", 0), coalesce("stopAt", 0)) > ${now}`.execute(
    tx,
  )
  return rows.map(({ id }) => id)
}

/** Work that was done before it arrived stays as much earlier. */
async function shiftEffective(tx: Tx, now: number): Promise<void> {
  const latest = sql<number>`coalesce(${sql.raw(OF_NEXT_EVENT.replaceAll(':now', String(now)))}, ${now})`
  await sql`
    update event set "effectiveAt" = max(0, "effectiveAt" - "recordedAt" + ${latest})
    where "recordedAt" > ${now + TOLERANCE_MS}`.execute(tx)
}

async function putBack(tx: Tx, time: StoredTime, now: number): Promise<void> {
  const { table, column, longestMs, unitMs = 1, latest } = time
  const atMost = Math.floor((now + longestMs) / unitMs)
  const known = latest === undefined ? 'null' : latest.replaceAll(':now', String(now))
  await sql`
    update ${sql.table(table)} set ${sql.ref(column)} = min(${atMost}, coalesce(${sql.raw(known)}, ${atMost}))
    where ${sql.ref(column)} > ${bound(time, now)}`.execute(tx)
}

function bound({ longestMs, unitMs = 1 }: StoredTime, now: number): number {
  return Math.floor((now + longestMs + TOLERANCE_MS) / unitMs)
}
