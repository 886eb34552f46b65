/**
 * A clock: one target on one ticket in one cycle, as a value with its whole history, and what can be read off it. How it
 * moves is `clocks/transitions.ts`; what it says of a deadline is `clocks/crossings.ts`. All instants are epoch ms, all
 * durations ms of working time. A clock is met when it stops at or before `dueAt`.
 */
import type { ClockState, Metric } from '@rejoin/shared/sla/metric.ts'
import type { WorkingTime } from '@rejoin/shared/sla/working-time.ts'

/** `[from, until)`; open while `until` is null. `ended`: the time between a stop and the reopening. */
export interface Pause {
  readonly from: number
  readonly until: number | null
  readonly why: 'waiting' | 'ended'
}

/** By what the clock was measured from `from` on, back to its start. Its index is the generation of what fires in it. */
export interface Segment {
  readonly from: number
  readonly targetMs: number
  readonly policyVersion: string
  readonly calendarVersion: string
}

/** A level was passed at `at`. One of before `segments[generation].from` was carried over and does not fire again. */
export interface Crossing {
  /** See `levelKey`. */
  readonly level: number
  readonly at: number
  readonly generation: number
}

/** `deadline`: time ran out then. Else it had run out before, and the clock only began to run, or to be measured so. */
export type BreachCause = 'deadline' | 'resume' | 'reopen' | 'policy_change'

export interface Clock {
  readonly metric: Metric
  /** Counts from 1. */
  readonly cycle: number
  readonly state: ClockState
  readonly startAt: number
  readonly targetMs: number
  /** Consumed at `markAt`, the last instant at which something happened to the clock. */
  readonly elapsedMs: number
  readonly markAt: number
  /** Null while paused with time left, and while unschedulable. */
  readonly dueAt: number | null
  /** When it was stopped or cancelled. */
  readonly stopAt: number | null
  /** The first breach; it stays when a later target would have been met. */
  readonly breachAt: number | null
  readonly breachCause: BreachCause | null
  /** The breach is only possible: a device that may bring an earlier end was silent. */
  readonly isProvisional: boolean
  readonly excusedAt: number | null
  /** When a level or the breach comes next if nothing happens before; null when nothing is left. It fires after that instant. */
  readonly nextFireAt: number | null
  readonly pauses: readonly Pause[]
  readonly segments: readonly Segment[]
  readonly crossed: readonly Crossing[]
}

/** Whether time counts, in working hours. */
export function isGoing({ state }: Pick<Clock, 'state'>): boolean {
  return state === 'running' || state === 'unschedulable'
}

export function hasEnded({ state }: Pick<Clock, 'state'>): boolean {
  return state === 'stopped' || state === 'cancelled'
}

/** Working time consumed at `at`, which is not before `markAt`. `working` is the clock's present calendar. */
export function elapsedAt(clock: Clock, working: WorkingTime, at: number): number {
  return clock.elapsedMs + (isGoing(clock) ? working.between(clock.markAt, at) : 0)
}

export function isOverdue(clock: Clock, at: number): boolean {
  return clock.state === 'running' && clock.dueAt !== null && at > clock.dueAt
}

/** From when on the present target holds. */
export function validFrom({ segments, startAt }: Pick<Clock, 'segments' | 'startAt'>): number {
  return segments.at(-1)?.from ?? startAt
}

export function generationOf({ segments }: Pick<Clock, 'segments'>): number {
  return segments.length - 1
}
