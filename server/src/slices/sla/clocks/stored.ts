/** Clocks and where their ticket stands, as rows and as values. */
import type { Selectable } from 'kysely'
import type { Clock } from '../engine/clock.ts'
import type { TicketClocks } from '../engine/follow.ts'
import { Damaged } from '../../../core/storage/damaged.ts'
import type { Read, Tx } from '../../../core/storage/db.ts'
import { prepared, putRow } from '../../../core/storage/prepared.ts'
import type { SlaClockTable } from '../tables.ts'
import type { Reading } from './reading.ts'
import { termsFor, type Chosen } from './versions.ts'

export type ClockRow = Selectable<SlaClockTable>

/** A ticket's clocks with the ids of their rows, and what the next event is read by. */
export interface Stored {
  readonly ticketId: string
  readonly clocks: TicketClocks
  readonly rows: readonly ClockRow[]
  readonly reading: Reading
  readonly chosen: Chosen
}

/** The parts of a `TicketClocks` that no other row has. */
type StoredStanding = Omit<TicketClocks, 'terms' | 'clocks'> & Pick<Reading, 'assigneeId' | 'movedAt'>

export function findStored(read: Read, ticketId: string): Stored | null {
  const [ticket] = ticketRows(read, { ticketId })
  if (ticket === undefined) return null
  const { assigneeId, movedAt, ...standing } = partOf(ticketId, ticket.standing) as StoredStanding
  const rows = clocksOf(read, ticketId)
  const clocks = {
    ...standing,
    terms: termsFor(read, ticket),
    clocks: rows.filter(({ isVoid }) => isVoid === 0).map(clockOf),
  }
  return { ticketId, clocks, rows, reading: { createdAt: standing.createdAt, assigneeId, movedAt }, chosen: ticket }
}

export function storeStanding(tx: Tx, { ticketId, clocks, reading, chosen }: Omit<Stored, 'rows'>): void {
  const { terms: _terms, clocks: _clocks, ...standing } = clocks
  const { assigneeId, movedAt } = reading
  const stored: StoredStanding = { ...standing, assigneeId, movedAt }
  const { policyVersion, calendarVersion, priority } = chosen
  putRow(tx, 'slaTicket', { ticketId }, { policyVersion, calendarVersion, priority, standing: JSON.stringify(stored) })
}

/** Those of a metric in the order in which they began; also what turned out never to have begun. */
export function clocksOf(read: Read, ticketId: string): ClockRow[] {
  return clockRows(read, { ticketId })
}

/** Throws `Damaged` where it cannot be read: it follows from the log. */
export function clockOf(row: ClockRow): Clock {
  const { metric, cycle, state, startAt, targetMs, elapsedMs, markAt, dueAt, stopAt, breachAt, breachCause } = row
  return {
    metric,
    cycle,
    state,
    startAt,
    targetMs,
    elapsedMs,
    markAt,
    dueAt,
    stopAt,
    breachAt,
    breachCause,
    isProvisional: row.isProvisional === 1,
    excusedAt: row.excusedAt,
    nextFireAt: row.nextFireAt,
    pauses: partOf(row.ticketId, row.pauses) as Clock['pauses'],
    segments: partOf(row.ticketId, row.segments) as Clock['segments'],
    crossed: partOf(row.ticketId, row.crossed) as Clock['crossed'],
  }
}

/** Null for a clock that cannot be read. */
export function findClock(row: ClockRow): Clock | null {
  try {
    return clockOf(row)
  } catch (error) {
    if (error instanceof Damaged) return null
    throw error
  }
}

function partOf(ticketId: string, json: string): unknown {
  try {
    return JSON.parse(json) as unknown
  } catch (error) {
    throw new Damaged('SLA clocks', ticketId, String(error))
  }
}

export function columnsOf({ isProvisional, pauses, segments, crossed, ...clock }: Clock) {
  return {
    ...clock,
    isProvisional: isProvisional ? 1 : 0,
    pauses: JSON.stringify(pauses),
    segments: JSON.stringify(segments),
    crossed: JSON.stringify(crossed),
  }
}

const ticketRows = prepared<{ ticketId: string }>()((read, param) =>
  read.selectFrom('slaTicket').selectAll().where('ticketId', '=', param('ticketId')),
)

const clockRows = prepared<{ ticketId: string }>()((read, param) =>
  read.selectFrom('slaClock').selectAll().where('ticketId', '=', param('ticketId')).orderBy('metric').orderBy('cycle'),
)
