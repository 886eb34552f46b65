/**
 * Finds times that are further ahead than possible: a clock that was ahead wrote them. `clearAhead` puts them back to
 * their latest possible value. The audit log, which only grows at its end, stays unchanged.
 */
import { sql } from 'kysely'
import { z } from 'zod'
import { OF_NEXT_EVENT, STORED_TIMES, type StoredTime } from '../../operations/clock/stored-times.ts'
import { command } from '../../core/command.ts'
import type { Read, Tx } from '../../core/storage/db.ts'
import { fine, type Finding } from './finding.ts'

/** Clocks of different machines differ by less. */
const TOLERANCE_MS = 60_000

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
  if (found.length === 0) return [disorder(read) ?? fine('times', 'No stored time is later than possible.')]
  const latest = new Date(Math.max(...found.map((each) => each.latest))).toISOString()
  const message = `Times are later than possible: ${found.map(({ name }) => name).join(', ')}, up to ${latest}. A clock was ahead, or this machine's clock is behind.`
  const hint =
    'Check that the clock of this machine is right (NTP). Then stop the server and run "rejoin doctor --fix", ' +
    'which makes a backup and sets each of these times back to the latest possible one.'
  return [{ check: 'times', severity: 'error', message, hint, fix: { kind: 'clear-ahead' } }]
}

/**
 * Times out of order: a clock that was ahead wrote the earlier rows, whose time has come since, or the clock was set
 * back.
 */
function disorder(read: Read): Finding | null {
  const [seen] = read.rows<{ count: number; first: number; latest: number }>(
    `select count(*) as count, min(at) as first, max(at) as latest from (
      select at, min(at) over (order by seq desc rows between unbounded preceding and current row) as later from revision
    ) where at > later + ${TOLERANCE_MS}`,
    [],
  )
  if (seen === undefined || seen.count === 0) return null
  const [first, latest] = [new Date(seen.first).toISOString(), new Date(seen.latest).toISOString()]
  const message = `${seen.count} changes are dated later than changes that followed them, from ${first} to ${latest}.`
  const hint =
    'The clock was ahead then, or was set back afterwards: Rejoin cannot tell which. Ask the people who worked in ' +
    'these hours before you rely on times and deadlines.'
  return { check: 'times', severity: 'warning', message, hint }
}

/** Puts back the times that are too far ahead. Returns the tickets whose history they belong to. */
export const clearAhead = command({
  name: 'times.clear-ahead',
  input: z.void(),
  room: 'any',
  async run({ tx, now }) {
    const ticketIds = await ticketsOfAhead(tx, now)
    await shiftEffective(tx, now)
    for (const table of WITH_LIFE) await shiftLife(tx, table, now)
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

/** For work that arrived later than it was done, the difference stays the same. */
async function shiftEffective(tx: Tx, now: number): Promise<void> {
  const latest = sql<number>`coalesce(${sql.raw(OF_NEXT_EVENT.replaceAll(':now', String(now)))}, ${now})`
  await sql`
    update event set "effectiveAt" = max(0, "effectiveAt" - "recordedAt" + ${latest})
    where "recordedAt" > ${now + TOLERANCE_MS}`.execute(tx)
}

/** Tables whose rows expire some time after their creation. */
const WITH_LIFE = ['session', 'apiToken', 'invitation']

/** The lifetime of the rows stays the same. */
async function shiftLife(tx: Tx, table: string, now: number): Promise<void> {
  await sql`
    update ${sql.table(table)} set "expiresAt" = "expiresAt" - "createdAt" + ${now}
    where "createdAt" > ${now + TOLERANCE_MS}`.execute(tx)
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
