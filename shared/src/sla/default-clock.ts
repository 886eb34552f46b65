/**
 * Clocks by the default policy, which runs around the clock: what the server keeps of a clock while it has no policies of
 * its own. Around the clock it does not matter when the pauses were, only how long they were together, so a clock
 * needs no history: it is made up for `transitions.ts` as one pause after the start. Instants are epoch ms.
 */
import type { Priority } from '../priority.ts'
import type { Clock as WholeClock, Pause } from './clock.ts'
import { withCrossings } from './clocks/crossings.ts'
import * as transitions from './clocks/transitions.ts'
import type { ClockState, Metric } from './metric.ts'
import { defaultTerms } from './terms.ts'

/** One target on one ticket. `elapsedMs` was true at `markAt`; while running it grows with time. */
export interface Clock {
  readonly metric: Metric
  readonly state: ClockState
  readonly startAt: number
  readonly targetMs: number
  readonly elapsedMs: number
  readonly markAt: number
  readonly dueAt: number | null
  readonly stopAt: number | null
  readonly breachAt: number | null
}

/** The targets of the others do not matter once a clock runs. */
const TERMS = defaultTerms('medium')

export function startClock(metric: Metric, priority: Priority, at: number): Clock {
  return kept(transitions.startClock({ metric, cycle: 1, at }, defaultTerms(priority)))
}

export function pauseClock(clock: Clock, at: number): Clock {
  return clock.state === 'running' ? kept(transitions.pauseClock(whole(clock), TERMS, at)) : clock
}

export function resumeClock(clock: Clock, at: number): Clock {
  return clock.state === 'paused' ? kept(transitions.resumeClock(whole(clock), TERMS, at)) : clock
}

/** A stop before the breach takes it back: it was recorded before the stop was known. */
export function stopClock(clock: Clock, at: number): Clock {
  const hasEnded = clock.state === 'stopped' || clock.state === 'cancelled'
  return hasEnded ? clock : kept(transitions.stopClock(whole(clock), TERMS, at))
}

export function reopenClock(clock: Clock, at: number): Clock {
  return clock.state === 'stopped' ? kept(transitions.reopenClock(whole(clock), TERMS, at)) : clock
}

/** The target of another priority, back to the start. */
export function retargetClock(clock: Clock, priority: Priority, at: number): Clock {
  const before = whole(clock)
  const to = defaultTerms(priority)
  const after = transitions.retargetClock(before, { from: TERMS, to }, Math.max(at, clock.markAt))
  return after === before ? clock : kept(after)
}

/** The instant of the breach if the clock is running past its deadline at `now`, else null. */
export function breachAt(clock: Clock, now: number): number | null {
  if (clock.state !== 'running' || clock.breachAt !== null) return null
  return withCrossings(whole(clock), TERMS, now).breachAt
}

function kept(clock: WholeClock): Clock {
  const { metric, state, startAt, targetMs, elapsedMs, markAt, dueAt, stopAt, breachAt } = clock
  return { metric, state, startAt, targetMs, elapsedMs, markAt, dueAt, stopAt, breachAt }
}

function whole(clock: Clock): WholeClock {
  const { startAt, targetMs, elapsedMs, markAt, state, breachAt } = clock
  const { policyVersion, calendarVersion } = TERMS
  const paused: Pause = { from: startAt, until: markAt - elapsedMs, why: 'waiting' }
  const pauses: Pause[] = state === 'paused' ? [paused, { from: markAt, until: null, why: 'waiting' }] : [paused]
  const segments = [{ from: startAt, targetMs, policyVersion, calendarVersion }]
  const unkept = { cycle: 1, isProvisional: false, excusedAt: null, nextFireAt: null, crossed: [] }
  return { ...clock, ...unkept, breachCause: breachAt === null ? null : 'deadline', pauses, segments }
}
