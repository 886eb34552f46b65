/** Stores clocks that have moved, with the log entries of their changes, and returns the levels and breaches passed. */
import type { Clock } from '../engine/clock.ts'
import type { TicketClocks } from '../engine/follow.ts'
import type { CommandContext } from '../../../core/command.ts'
import { insertRow, updateRow } from '../../../core/storage/prepared.ts'
import { changesOf, firingOf, type Change, type Firing } from './changes.ts'
import type { Reading } from './reading.ts'
import { clockOf, columnsOf, findClock, storeStanding, type ClockRow } from './stored.ts'
import type { Chosen } from './versions.ts'

/** A clock that has passed a level or its deadline, or whose breach is taken back. */
export interface Fired extends Firing {
  readonly clockId: string
}

const NO_HISTORY = { pauses: '[]', segments: '[]', crossed: '[]' }

/** Stores where the ticket stands from now on. `rows` are its stored clocks. Returns the clocks that have fired. */
export function keepTicket(
  context: CommandContext,
  rows: readonly ClockRow[],
  ticket: { ticketId: string; clocks: TicketClocks; reading: Reading; chosen: Chosen },
): Fired[] {
  const { ticketId, clocks } = ticket
  // A stored clock that cannot be read is replaced by the computed one, and no change is recorded.
  const known = rows.map((row) => ({ row, clock: findClock(row) }))
  const fired = clocks.clocks.flatMap((clock) => {
    const before = known.find(({ row }) => row.metric === clock.metric && row.cycle === clock.cycle)
    if (before === undefined) return keepNew(context, ticketId, clock)
    return keepClock(context, before.row, { before: before.clock ?? clock, after: clock })
  })
  // A new computation may find that a cycle never began.
  for (const { row, clock } of known) {
    const isKept = clocks.clocks.some(({ metric, cycle }) => metric === row.metric && cycle === row.cycle)
    if (!isKept) voidClock(context, row, clock ?? clockOf({ ...row, ...NO_HISTORY }))
  }
  storeStanding(context.tx, ticket)
  context.show(ticketId)
  return fired
}

export function keepClock(
  context: CommandContext,
  row: ClockRow,
  { before, after }: { before: Clock; after: Clock },
): Fired[] {
  const isProvisional = after.isProvisional || (before.isProvisional && after.breachAt === before.breachAt)
  const columns = columnsOf({ ...after, isProvisional })
  const changes = changesOf(before, after)
  // A start that was recorded by a clock that was ahead is recorded once more.
  const isAnew = changes.some(({ kind }) => kind === 'retract' || kind === 'start')
  const retractions = row.retractions + (isAnew ? 1 : 0)
  const confirmAt = isProvisional ? row.confirmAt : null
  const next = { ...columns, retractions, confirmAt, isVoid: 0 }
  const stored = row as unknown as Readonly<Record<string, unknown>>
  // Only changed columns: SQLite writes the indexes of every column that it is given.
  const moved = Object.entries(next).filter(([column, value]) => stored[column] !== value)
  if (moved.length === 0) return []
  updateRow(context.tx, 'slaClock', { id: row.id }, Object.fromEntries(moved))
  for (const change of changes) record(context, { clockId: row.id, retractions }, change)
  return firedOf(row.id, before, after)
}

function keepNew(context: CommandContext, ticketId: string, clock: Clock): Fired[] {
  const id = context.newId()
  const own = { isVoid: 0, retractions: 0, confirmAt: null, acknowledgedAt: null, acknowledgedBy: null }
  insertRow(context.tx, 'slaClock', { id, ticketId, ...columnsOf(clock), ...own })
  for (const change of changesOf(null, clock)) record(context, { clockId: id, retractions: 0 }, change)
  return firedOf(id, null, clock)
}

function firedOf(clockId: string, before: Clock | null, after: Clock): Fired[] {
  const firing = firingOf(before, after)
  return firing.isBreach || firing.isTakenBack || firing.levels.length > 0 ? [{ clockId, ...firing }] : []
}

/** Its entries stay, and so does its row: the cycle may turn out to have begun after all. */
function voidClock(context: CommandContext, row: ClockRow, clock: Clock): void {
  if (row.isVoid === 1) return
  const { startAt: at } = clock
  const nothing = { breachAt: null, breachCause: null, isProvisional: false, nextFireAt: null, crossed: [] }
  const after: Clock = { ...clock, ...nothing, state: 'cancelled', elapsedMs: 0, markAt: at, stopAt: at }
  keepClock(context, row, { before: clock, after })
  updateRow(context.tx, 'slaClock', { id: row.id }, { isVoid: 1 })
}

export function record(
  { tx, now }: CommandContext,
  clock: { clockId: string; retractions: number },
  { kind, level, generation, at }: Change,
  payload: Readonly<Record<string, unknown>> = {},
): void {
  const times = { effectiveAt: at, recordedAt: now, detectedAt: now }
  insertRow(tx, 'slaEvent', { ...clock, kind, level, generation, ...times, payload: JSON.stringify(payload) })
}
