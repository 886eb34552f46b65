/**
 * Law 7 for SLA clocks: what is stored follows from the log and the pure functions of a clock.
 *
 * 1. Always: the clocks are what the events say, taken in the order in which the server recorded them.
 * 2. Where no event came after a later one: the time consumed is that of the intervals in which the clock ran, summed up
 *    without those functions. Late work is folded in where it arrives, so for it only the first holds.
 */
import type { App } from '@rejoin/server/app.ts'
import * as sla from '@rejoin/shared/sla/default-clock.ts'
import type { Priority } from '@rejoin/shared/priority.ts'
import { defaultTerms } from '@rejoin/shared/sla/terms.ts'
import { categoryOf, type Status } from '@rejoin/shared/statuses.ts'

export interface LogEntry {
  readonly type: string
  readonly effectiveAt: number
  readonly recordedAt: number
  readonly payload: string
}

interface Facts {
  readonly priority: Priority
  readonly from: Status
  /** A status, or the edited fields. */
  readonly to: unknown
  readonly visibility: 'public' | 'internal'
  readonly byRequester: boolean
}

type Metric = 'first_response' | 'resolution'
type Clocks = Readonly<Record<Metric, sla.Clock>>

const COMPARED = ['state', 'startAt', 'targetMs', 'elapsedMs', 'markAt', 'dueAt', 'stopAt'] as const

/** What is wrong with the clocks of a ticket; null when nothing is. */
export async function clockFault({ read }: App, ticketId: string): Promise<string | null> {
  const log = await read.selectFrom('event').selectAll().where('subjectId', '=', ticketId).orderBy('id').execute()
  const rows = await read.selectFrom('slaClock').selectAll().where('ticketId', '=', ticketId).execute()
  const clocks = log.reduce<Clocks | null>(follow, null)
  const worked = isInOrder(log) ? workedMs(log) : null
  for (const row of rows) {
    for (const field of COMPARED) {
      if (row[field] !== clocks?.[row.metric as Metric][field])
        return `${row.metric}: ${field} is ${row[field]}, by the log ${clocks?.[row.metric as Metric][field]}`
    }
    if (row.metric === 'resolution' && worked !== null && row.elapsedMs !== worked)
      return `resolution: ${row.elapsedMs} ms consumed, by its intervals ${worked}`
  }
  return rows.length === 2 ? null : `there are ${rows.length} clocks`
}

function follow(clocks: Clocks | null, { type, payload, effectiveAt: at, recordedAt }: LogEntry): Clocks | null {
  const facts = JSON.parse(payload) as Facts
  if (type === 'ticket-created') {
    const start = (metric: Metric) => sla.startClock(metric, facts.priority, at)
    return { first_response: start('first_response'), resolution: start('resolution') }
  }
  if (clocks === null) return null
  const { first_response: response, resolution } = clocks
  if (type === 'ticket-status-changed') return followStatus(clocks, facts.from, facts.to as Status, at)
  if (type === 'ticket-resolved-earlier') return { ...clocks, resolution: stoppedEarlier(resolution, at) }
  if (type === 'comment-added' && facts.visibility === 'public' && !facts.byRequester)
    return { resolution, first_response: sla.stopClock(response, recordedAt) }
  const priority = priorityIn(type, facts)
  if (priority === null) return clocks
  const retarget = (clock: sla.Clock) => sla.retargetClock(clock, priority, at)
  return { first_response: retarget(response), resolution: retarget(resolution) }
}

/** It was done before the stop that is known, and did not run from then on. */
function stoppedEarlier(clock: sla.Clock, at: number): sla.Clock {
  if (clock.stopAt === null) return clock
  return { ...clock, elapsedMs: clock.elapsedMs - (clock.markAt - at), markAt: at, stopAt: at }
}

function followStatus({ first_response: response, resolution }: Clocks, from: Status, to: Status, at: number): Clocks {
  if (isOver(to)) return { first_response: sla.stopClock(response, at), resolution: sla.stopClock(resolution, at) }
  const move = isOver(from) ? sla.reopenClock : categoryOf(to) === 'waiting' ? sla.pauseClock : sla.resumeClock
  return { first_response: response, resolution: move(resolution, at) }
}

function priorityIn(type: string, { to }: Facts): Priority | null {
  return type === 'ticket-edited' ? ((to as { priority?: Priority }).priority ?? null) : null
}

function isInOrder(log: readonly LogEntry[]): boolean {
  const moves = log.filter(({ type }) => MOVES.has(type))
  const isEarlier = moves.some(({ type }) => type === 'ticket-resolved-earlier')
  return !isEarlier && moves.every(({ effectiveAt }, index) => effectiveAt >= (moves[index - 1]?.effectiveAt ?? 0))
}

const MOVES = new Set(['ticket-created', 'ticket-status-changed', 'ticket-edited', 'ticket-resolved-earlier'])

/** Up to the last move that a clock takes note of, as `elapsedMs` is. */
function workedMs(log: readonly LogEntry[]): number {
  let [total, runsSince, status]: [number, number | null, Status] = [0, null, 'open']
  let target: number | null = null
  for (const { type, payload, effectiveAt: at } of log) {
    const facts = JSON.parse(payload) as Facts
    if (type === 'ticket-created') [runsSince, target] = [at, targetMs(facts.priority)]
    const next: Status = type === 'ticket-status-changed' ? (facts.to as Status) : status
    const aim = priorityIn(type, facts)
    const isMoved = aim !== null && !isOver(status) && targetMs(aim) !== target
    if (isMoved && aim !== null) target = targetMs(aim)
    if (runsSince !== null && (isMoved || !runs(next))) [total, runsSince] = [total + at - runsSince, at]
    if (!runs(next)) runsSince = null
    else runsSince ??= at
    status = next
  }
  return total
}

function targetMs(priority: Priority): number | null {
  return defaultTerms(priority).targetMs.resolution ?? null
}

function runs(status: Status): boolean {
  return categoryOf(status) !== 'waiting' && !isOver(status)
}

function isOver(status: Status): boolean {
  return ['resolved', 'closed'].includes(categoryOf(status))
}
