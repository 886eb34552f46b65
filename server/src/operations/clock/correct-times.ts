/**
 * Corrects the times written while the clock was ahead, once it is known from when until when it was, and by how much:
 * those times move back by that much, and nothing else moves. The audit log, which only grows at its end, stays
 * unchanged.
 */
import { z } from 'zod'
import { JUMP_MS, type Lapse } from '../../core/runtime/steadiness.ts'
import { command, type CommandContext } from '../../core/command.ts'
import { storedEvent } from '../../core/events.ts'
import type { Tx } from '../../core/storage/db.ts'
import { policyVersion } from '../../slices/sla/clocks/versions.ts'
import { clockEvents, type Since } from './events.ts'
import { STORED_TIMES } from './stored-times.ts'

/** Of the server's clock: an entry of the log. */
const OF_CLOCK = { subject: 'server', subjectId: 'clock' } as const

const SpanInput = z.object({ from: z.int(), byMs: z.int() })
const LapseInput = z.object({ spans: z.array(SpanInput), until: z.int() })
const Note = z.object({ spans: z.array(SpanInput) })

/** The work that the previous run of the program left. */
export type Left =
  | { readonly kind: 'ahead'; readonly spans: Lapse['spans'] }
  | { readonly kind: 'mend'; readonly since: Since }

export function leftToDo(read: Pick<Tx, 'rows' | 'passedOver'>): Left | null {
  const [row] = read.rows<{ id: number; type: string; payload: string }>(
    'select id, type, payload from event where "subjectId" = ? and subject = ? order by id desc limit 1',
    [OF_CLOCK.subjectId, OF_CLOCK.subject],
  )
  const last = row === undefined ? null : storedEvent(read, row, clockEvents)
  if (last?.type === 'clock-went-ahead') return { kind: 'ahead', spans: last.payload.spans }
  return last?.type === 'clock-corrected' ? { kind: 'mend', since: last.payload.since } : null
}

export const noteAhead = command({
  name: 'clock.note-ahead',
  input: Note,
  run: ({ event }, payload) => event({ ...OF_CLOCK, type: 'clock-went-ahead', payload }),
})

export const noteMended = command({
  name: 'clock.note-mended',
  input: z.void(),
  run: ({ event }) => event({ ...OF_CLOCK, type: 'clocks-mended' }),
})

export const correctTimes = command({
  name: 'clock.correct',
  input: LapseInput,
  room: 'any',
  async run(context, lapse) {
    const { tx, now, event } = context
    const stretches = stretchesOf(lapse, now)
    const begunAt = Math.min(...stretches.map(({ begunAt }) => begunAt), now)
    const since = {
      event: lastBefore(tx, { table: 'event', at: 'recordedAt' }, begunAt),
      slaEvent: lastBefore(tx, { table: 'slaEvent', at: 'recordedAt' }, begunAt),
      slaChoice: lastBefore(tx, { table: 'slaChoice', at: 'recordedAt' }, begunAt),
    }
    for (const stretch of stretches) {
      takeBackConfirmed(context, stretch, since)
      moveTickets(tx, stretch, since)
      for (const rows of WRITTEN_ONCE) moveWritten(tx, stretch, rows)
      for (const { table, at, later } of PAIRS) {
        tx.run(`update "${table}" set "${later}" = "${later}" - ${stretch.byMs} where ${within(at, stretch)}`)
      }
      for (const { table, column } of SINGLE) {
        tx.run(`update "${table}" set "${column}" = "${column}" - ${stretch.byMs} where ${within(column, stretch)}`)
      }
    }
    await event({ ...OF_CLOCK, type: 'clock-corrected', payload: { ...lapse, since } })
    return { since }
  },
})

/** A stretch of wrong clock readings, and by how much they were ahead. */
interface Stretch {
  readonly from: number
  readonly to: number
  readonly byMs: number
  /** When the clock was last right before the stretch. Rows written after its return have later times. */
  readonly begunAt: number
  /** Rows written since the clock is right may have the same times. */
  readonly right: { readonly from: number; readonly to: number }
}

function stretchesOf({ spans, until }: Lapse, now: number): Stretch[] {
  return spans.map(({ from, byMs }, index) => ({
    from: from + byMs - JUMP_MS,
    to: (spans[index + 1]?.from ?? until) + byMs + JUMP_MS,
    byMs,
    begunAt: spans[0]?.from ?? from,
    right: { from: until, to: now },
  }))
}

function within(column: string, { from, to, right }: Stretch): string {
  return `"${column}" > ${from} and "${column}" <= ${to} and "${column}" not between ${right.from} and ${right.to}`
}

interface WrittenOnce {
  readonly table: string
  /** The column with the time of writing. */
  readonly at: string
  /** The columns with the time of the event. */
  readonly others: readonly string[]
  /** The expression for the ticket's id. */
  readonly ticket: string
}

/** Rows that are written once, in order. Work that arrived after it was done keeps the difference. */
const WRITTEN_ONCE: readonly WrittenOnce[] = [
  { table: 'revision', at: 'at', others: [], ticket: 'null' },
  { table: 'comment', at: 'recordedAt', others: ['createdAt'], ticket: '"ticketId"' },
  { table: 'workLog', at: 'recordedAt', others: ['createdAt'], ticket: '"ticketId"' },
  { table: 'receipt', at: 'recordedAt', others: ['effectiveAt', 'claimedAt'], ticket: '"subjectId"' },
  { table: 'slaChoice', at: 'recordedAt', others: ['effectiveAt'], ticket: '"ticketId"' },
  { table: 'slaEvent', at: 'recordedAt', others: ['detectedAt'], ticket: 'null' },
  { table: 'event', at: 'recordedAt', others: ['effectiveAt'], ticket: '"subjectId"' },
]

/** Pairs of times in a row, the later one derived from the earlier one. */
const PAIRS = [
  { table: 'session', at: 'createdAt', later: 'expiresAt' },
  { table: 'apiToken', at: 'createdAt', later: 'expiresAt' },
  { table: 'invitation', at: 'createdAt', later: 'expiresAt' },
  { table: 'attempt', at: 'lastAt', later: 'nextAt' },
]

const TICKET_TIMES = ['createdAt', 'recordedAt', 'startedAt', 'firstRespondedAt', 'resolvedAt', 'closedAt'] as const

/** The columns that may be updated at any time. */
const SINGLE = STORED_TIMES.filter(({ table, column, longestMs }) => {
  const isOnce = WRITTEN_ONCE.some(
    ({ at, others, ...once }) => once.table === table && [at, ...others].includes(column),
  )
  return longestMs === 0 && !isOnce && table !== 'ticket'
})

/** The last row, in the order of writing, from `time` or before; rows are out of order by less than a jump. */
function lastBefore(tx: Tx, { table, at }: { table: string; at: string }, time: number): number {
  const [row] = tx.rows<{ id: number }>(
    `select rowid as id from "${table}" where "${at}" <= ? order by rowid desc limit 1`,
    [time],
  )
  return row?.id ?? 0
}

function moveWritten(tx: Tx, stretch: Stretch, { table, at, others, ticket }: WrittenOnce): void {
  const created = `coalesce((select "createdAt" from ticket where id = ${ticket}), 0)`
  const sets = others.map((column) => `"${column}" = max("${column}" - ${stretch.byMs}, min("${column}", ${created}))`)
  const after = lastBefore(tx, { table, at }, stretch.begunAt)
  tx.run(
    `update "${table}" set ${[...sets, `"${at}" = "${at}" - ${stretch.byMs}`].join(', ')}
    where rowid > ${after} and ${within(at, stretch)}`,
  )
}

/** The times of a ticket are those of its log. */
function moveTickets(tx: Tx, stretch: Stretch, { event }: Since): void {
  const entries = `from event where id > ${event} and subject = 'ticket' and ${within('recordedAt', stretch)}`
  for (const column of TICKET_TIMES) {
    const floor = column === 'createdAt' || column === 'recordedAt' ? 0 : `min("${column}", "createdAt")`
    const said = column === 'recordedAt' ? column : 'effectiveAt'
    tx.run(
      `update ticket set "${column}" = max("${column}" - ${stretch.byMs}, ${floor})
      where id in (select "subjectId" ${entries}) and "${column}" in (select "${said}" ${entries} and "subjectId" = ticket.id)`,
    )
  }
}

/** A breach that may be false was confirmed too early: its confirmation is moved back as well. */
function takeBackConfirmed({ tx }: CommandContext, stretch: Stretch, { slaEvent }: Since): void {
  const during = `id > ${slaEvent} and ${within('recordedAt', stretch)}`
  tx.run(
    `update "slaClock" set "confirmAt" = "confirmAt" - ${stretch.byMs} where "confirmAt" is not null
    and id in (select "clockId" from "slaEvent" where kind = 'breach' and ${during})`,
  )
  const confirmed = tx.rows<{ id: string; segments: string; detectedAt: number; isDuring: number }>(
    `select clock.id, clock.segments, breach."detectedAt", breach.id > ${slaEvent} as "isDuring" from "slaClock" clock
    join "slaEvent" breach on breach.id =
      (select max(id) from "slaEvent" where "clockId" = clock.id and kind = 'breach')
    where clock."breachAt" is not null
      and clock.id in (select "clockId" from "slaEvent" where kind = 'confirm' and ${during})`,
    [],
  )
  for (const { id, segments, detectedAt, isDuring } of confirmed) {
    const version = (JSON.parse(segments) as { policyVersion: string }[]).at(-1)?.policyVersion ?? ''
    const graceMs = policyVersion(tx, version).policy.provisionalGraceMinutes * 60_000
    const confirmAt = detectedAt + graceMs - (isDuring === 1 ? stretch.byMs : 0)
    tx.run(`update "slaClock" set "isProvisional" = 1, "confirmAt" = ${confirmAt} where id = ?`, [id])
    tx.run(`delete from "slaEvent" where "clockId" = ? and kind = 'confirm' and ${during}`, [id])
  }
}
