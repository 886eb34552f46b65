/**
 * Which clocks an event starts, pauses, resumes, stops, reopens, retargets, cancels or excuses. It decides by the known
 * state of the ticket and computes no time: `transitions.ts` does at run time, and `timeline.ts` for the whole log.
 */
import { hasEnded } from '../clock.ts'
import type { Metric } from '@rejoin/shared/sla/metric.ts'
import type { TicketEvent } from '../ticket-event.ts'
import { isDone, pausesIn } from './rests.ts'
import type { Known, Standing } from './standing.ts'

type Kind = 'start' | 'pause' | 'resume' | 'stop' | 'reopen' | 'retarget' | 'cancel' | 'excuse'

export interface ClockMove {
  readonly kind: Kind
  readonly metric: Metric
  readonly cycle: number
  readonly at: number
  /** Of a start: from when on its target holds, where that is later. */
  readonly validFrom?: number
}

type Stand = Standing<Known>
type Which = Pick<Known, 'metric' | 'cycle'>

/** In the order in which they are made. */
export function movesOf(before: Stand, after: Stand, event: TicketEvent): ClockMove[] {
  const { at, type } = event
  if (type === 'excused') return before.clocks.some((clock) => isOf(clock, event)) ? [moveOf(event, 'excuse', at)] : []
  if (before.isDropped) return []
  switch (type) {
    case 'created':
      return (['first_response', 'resolution', 'ownership'] as const).flatMap((metric) => begin(after, metric, at))
    case 'status':
      return movesOfStatus(before, after, at)
    case 'public_reply':
      return stops(before, at, ['first_response', 'next_response'])
    case 'customer_message':
      return awaited(before, after, at)
    case 'queued':
      return isDone(after.status) || isOpen(before, 'ownership') ? [] : begin(after, 'ownership', at)
    case 'accepted':
      return stops(before, at, ['ownership'])
    case 'terms':
      return movesOfTerms(before, after, at)
    case 'dropped':
    default:
      return going(before).map((clock) => moveOf(clock, 'cancel', at))
  }
}

function movesOfStatus(before: Stand, after: Stand, at: number): ClockMove[] {
  if (isDone(after.status)) return stops(before, at)
  if (isDone(before.status)) return [...reopening(before, after, at), ...awaited(before, after, at)]
  return going(before).flatMap((clock) => aligned(clock, after, at))
}

/** The resolution goes on or begins anew, as the policy says. A first response is never awaited again. */
function reopening(before: Stand, after: Stand, at: number): ClockMove[] {
  const { terms } = after
  if (terms?.targetMs.resolution === undefined) return []
  const last = latest(before, 'resolution')
  if (last === undefined || last.state === 'cancelled') return begin(after, 'resolution', at)
  if (terms.onReopen === 'ignore') return []
  const isLate = at - (last.stopAt ?? at) > terms.reopenWindowMs
  if (terms.onReopen === 'new_cycle' || isLate) return begin(after, 'resolution', at)
  const goesOn = { ...last, state: 'running' as const }
  // The terms may be others than those under which it stopped.
  return [moveOf(last, 'reopen', at), moveOf(last, 'retarget', at), ...aligned(goesOn, after, at)]
}

/** A cycle of the next response: from the oldest message of a burst on, while the ticket is open. */
function awaited(before: Stand, after: Stand, at: number): ClockMove[] {
  if (!after.isAwaited || isDone(after.status) || isOpen(before, 'next_response')) return []
  return begin(after, 'next_response', at)
}

function movesOfTerms(before: Stand, after: Stand, at: number): ClockMove[] {
  const { terms } = after
  const moves = going(before).flatMap((clock) =>
    terms?.targetMs[clock.metric] === undefined
      ? [moveOf(clock, 'cancel', at)]
      : [moveOf(clock, 'retarget', at), ...aligned(clock, after, at)],
  )
  if (terms === null || isDone(after.status)) return moves
  const first = after.isAnswered ? [] : beginLate(before, after, 'first_response', at)
  return [...moves, ...first, ...beginLate(before, after, 'resolution', at), ...awaited(before, after, at)]
}

/**
 * A metric that had no target until now counts from the creation, with the pauses since, and can be breached from now
 * on. One that was cancelled does not come back: another cycle begins.
 */
function beginLate(before: Stand, after: Stand, metric: Metric, at: number): ClockMove[] {
  const { terms, createdAt, statuses } = after
  if (terms?.targetMs[metric] === undefined || isOpen(before, metric)) return []
  if (latest(before, metric) !== undefined) return begin(after, metric, at)
  const which = { metric, cycle: 1 }
  const moves: ClockMove[] = [{ ...moveOf(which, 'start', createdAt), validFrom: at }]
  let rests = false
  for (const { at, to } of statuses) {
    const restsNow = isDone(to) || pausesIn(terms, metric, to)
    if (restsNow !== rests) moves.push(moveOf(which, restsNow ? 'pause' : 'resume', at))
    rests = restsNow
  }
  return moves
}

/** The next cycle, at rest where the status says so; nothing without a target. */
function begin(after: Stand, metric: Metric, at: number): ClockMove[] {
  if (after.terms?.targetMs[metric] === undefined) return []
  const cycle = (latest(after, metric)?.cycle ?? 0) + 1
  return [moveOf({ metric, cycle }, 'start', at), ...aligned({ metric, cycle, state: 'running' }, after, at)]
}

/** Pauses or resumes a clock that has not ended, so that it is as the status wants it. */
function aligned(clock: Which & Pick<Known, 'state'>, { terms, status }: Stand, at: number): ClockMove[] {
  const rests = terms !== null && pausesIn(terms, clock.metric, status)
  if (rests === (clock.state === 'paused')) return []
  return [moveOf(clock, rests ? 'pause' : 'resume', at)]
}

function stops(before: Stand, at: number, metrics?: readonly Metric[]): ClockMove[] {
  const clocks = going(before).filter(({ metric }) => metrics?.includes(metric) ?? true)
  return clocks.map((clock) => moveOf(clock, 'stop', at))
}

function going({ clocks }: Stand): Known[] {
  return clocks.filter((clock) => !hasEnded(clock))
}

function isOpen(standing: Stand, metric: Metric): boolean {
  return going(standing).some((clock) => clock.metric === metric)
}

function latest({ clocks }: Stand, metric: Metric): Known | undefined {
  return clocks.findLast((clock) => clock.metric === metric)
}

function isOf(clock: Which, { metric, cycle }: Which): boolean {
  return clock.metric === metric && clock.cycle === cycle
}

function moveOf({ metric, cycle }: Which, kind: Kind, at: number): ClockMove {
  return { kind, metric, cycle, at }
}
