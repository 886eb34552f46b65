/**
 * How a clock moves: each transition is a function of the clock, its terms and an effective instant that is not before
 * its mark. An event that arrives after later ones is not for these: the ticket is computed anew (`timeline.ts`).
 * A transition that does not apply gives the same clock. Crossings recorded by a sweep from that instant on are undone.
 */
import { hasEnded, isGoing, type Clock, type Segment } from '../clock.ts'
import type { Metric } from '@rejoin/shared/sla/metric.ts'
import type { Terms } from '../terms.ts'
import { carriedOver, nextFireAt, withCrossings, withoutCrossings } from './crossings.ts'
import { closedAt, runsOf, usedUpAt, workedIn } from './runs.ts'

export interface Start {
  readonly metric: Metric
  readonly cycle: number
  readonly at: number
  /** From when on the target holds, where that is later than the start it counts from. */
  readonly validFrom?: number
}

/** Throws a `RangeError` when the terms have no target for the metric. */
export function startClock({ metric, cycle, at, validFrom = at }: Start, terms: Terms): Clock {
  const segment = segmentOf(metric, terms, validFrom)
  const times = { startAt: at, targetMs: segment.targetMs, elapsedMs: 0, markAt: at, dueAt: null, stopAt: null }
  const unbroken = { breachAt: null, breachCause: null, isProvisional: false, excusedAt: null, nextFireAt: null }
  const history = { pauses: [], segments: [segment], crossed: [] }
  return going({ metric, cycle, state: 'running', ...times, ...unbroken, ...history }, terms)
}

/** A pause in front of the deadline hides it; one after the deadline leaves it where it was. */
export function pauseClock(clock: Clock, terms: Terms, at: number): Clock {
  if (!isGoing(clock)) return clock
  const marked = markedAt(clock, terms, at)
  const dueAt = marked.elapsedMs < marked.targetMs ? null : marked.dueAt
  const pauses = [...marked.pauses, { from: at, until: null, why: 'waiting' } as const]
  return { ...marked, state: 'paused', dueAt, pauses, nextFireAt: null }
}

/** `due = add(at, remaining)`. */
export function resumeClock(clock: Clock, terms: Terms, at: number): Clock {
  return clock.state === 'paused' ? going(unpaused(clock, at), terms) : clock
}

/** A stop at `dueAt` has met it. */
export function stopClock(clock: Clock, terms: Terms, at: number): Clock {
  if (hasEnded(clock)) return clock
  const marked = clock.state === 'paused' ? withDue(unpaused(clock, at), terms) : markedAt(clock, terms, at)
  return { ...marked, state: 'stopped', stopAt: at, nextFireAt: null }
}

/** The same clock goes on; the time since its stop is a pause, and a breach once recorded stays. */
export function reopenClock(clock: Clock, terms: Terms, at: number): Clock {
  if (clock.state !== 'stopped' || clock.stopAt === null) return clock
  const pauses = [...clock.pauses, { from: clock.stopAt, until: at, why: 'ended' } as const]
  return going({ ...clock, pauses, stopAt: null, markAt: at }, terms)
}

/**
 * Other terms under the same start and the same pauses. A target that is used up already is breached at the change. The
 * same target of the same versions changes nothing, nor do terms that have none for the metric: cancel it then.
 */
export function retargetClock(clock: Clock, { from, to }: { from: Terms; to: Terms }, at: number): Clock {
  if (hasEnded(clock) || to.targetMs[clock.metric] === undefined) return clock
  const segment = segmentOf(clock.metric, to, at)
  if (isSame(clock.segments.at(-1), segment)) return clock
  const marked = isGoing(clock) ? markedAt(clock, from, at) : { ...clock, markAt: at }
  const { targetMs } = segment
  const runs = runsOf(marked, at)
  const elapsedMs = workedIn(to.working, runs)
  const dueAt = elapsedMs < targetMs ? null : usedUpAt(to.working, runs, targetMs)
  const moved = { ...marked, targetMs, elapsedMs, dueAt, segments: [...marked.segments, segment] }
  const carried = { ...moved, crossed: carriedOver(moved, to) }
  return isGoing(clock) ? going(carried, to) : carried
}

/** The clock counts no more, and its outcome counts for nothing. */
export function cancelClock(clock: Clock, terms: Terms, at: number): Clock {
  if (hasEnded(clock)) return clock
  return { ...stopClock(clock, terms, at), state: 'cancelled' }
}

/** Its breach is not counted. Only the first excuse is recorded. */
export function excuseClock(clock: Clock, at: number): Clock {
  return clock.excusedAt === null ? { ...clock, excusedAt: at } : clock
}

function going(clock: Clock, terms: Terms): Clock {
  const timed = withDue(clock, terms)
  const state = timed.dueAt === null ? ('unschedulable' as const) : ('running' as const)
  return { ...timed, state, nextFireAt: nextFireAt({ ...timed, state }, terms) }
}

/** A clock with its target used up keeps its deadline. */
function withDue(clock: Clock, { working }: Terms): Clock {
  const remaining = clock.targetMs - clock.elapsedMs
  return remaining > 0 ? { ...clock, dueAt: working.add(clock.markAt, remaining) } : clock
}

/** A going clock with what it consumed and passed until `at`. */
function markedAt(clock: Clock, terms: Terms, at: number): Clock {
  const passed = withCrossings(withoutCrossings(clock, at), terms, at)
  return { ...passed, elapsedMs: clock.elapsedMs + terms.working.between(clock.markAt, at), markAt: at }
}

function unpaused(clock: Clock, at: number): Clock {
  return { ...clock, pauses: closedAt(clock.pauses, at), markAt: at }
}

function segmentOf(metric: Metric, { targetMs, policyVersion, calendarVersion }: Terms, from: number): Segment {
  const target = targetMs[metric]
  if (target === undefined) throw new RangeError(`The terms have no target for ${metric}.`)
  return { from, targetMs: target, policyVersion, calendarVersion }
}

function isSame(before: Segment | undefined, after: Segment): boolean {
  return (
    before?.targetMs === after.targetMs &&
    before.policyVersion === after.policyVersion &&
    before.calendarVersion === after.calendarVersion
  )
}
