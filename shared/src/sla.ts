/**
 * SLA clocks of the default policy, which runs around the clock: start, pause, stop, reopen and retarget as pure
 * functions of a clock and an instant. All instants are epoch ms; a clock is met when it stops at or before `dueAt`.
 */
import { z } from 'zod'
import type { Priority } from './priority.ts'

export const Metric = z.enum(['first_response', 'resolution'])
export type Metric = z.infer<typeof Metric>

export const ClockState = z.enum(['running', 'paused', 'stopped', 'cancelled'])
export type ClockState = z.infer<typeof ClockState>

/** What a document shows of a clock. Times are epoch ms. */
export const ClockView = z.object({
  metric: Metric,
  state: ClockState,
  dueAt: z.int().nullable(),
  stoppedAt: z.int().nullable(),
  breachedAt: z.int().nullable(),
})
export type ClockView = z.infer<typeof ClockView>

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

const MINUTE = 60_000

/** Response and resolution targets of the default policy, in minutes of a calendar that is always open. */
const TARGET_MINUTES: Record<Priority, Record<Metric, number>> = {
  urgent: { first_response: 30, resolution: 240 },
  high: { first_response: 60, resolution: 480 },
  medium: { first_response: 240, resolution: 1440 },
  low: { first_response: 480, resolution: 2880 },
}

export function targetMs(priority: Priority, metric: Metric): number {
  return TARGET_MINUTES[priority][metric] * MINUTE
}

export function startClock(metric: Metric, priority: Priority, at: number): Clock {
  const target = targetMs(priority, metric)
  return {
    metric,
    state: 'running',
    startAt: at,
    targetMs: target,
    elapsedMs: 0,
    markAt: at,
    dueAt: at + target,
    stopAt: null,
    breachAt: null,
  }
}

/** Working time consumed at `at`, in ms. */
export function elapsedAt(clock: Clock, at: number): number {
  return clock.state === 'running' ? clock.elapsedMs + Math.max(0, at - clock.markAt) : clock.elapsedMs
}

/** A pause in front of the deadline hides it; one after the deadline leaves it where it was. */
export function pauseClock(clock: Clock, at: number): Clock {
  if (clock.state !== 'running') return clock
  return { ...marked(clock, at), state: 'paused', dueAt: remainingDueAt(clock, at) }
}

export function resumeClock(clock: Clock, at: number): Clock {
  if (clock.state !== 'paused') return clock
  const dueAt = clock.dueAt ?? at + clock.targetMs - clock.elapsedMs
  return { ...clock, state: 'running', markAt: at, dueAt }
}

/** Stops at `at`. A stop before the breach takes it back: it was recorded before the stop was known. */
export function stopClock(clock: Clock, at: number): Clock {
  if (clock.state === 'stopped' || clock.state === 'cancelled') return clock
  return { ...marked(clock, at), state: 'stopped', stopAt: at }
}

/** The same clock goes on; the time it was stopped counts as a pause, and a breach once recorded stays. */
export function reopenClock(clock: Clock, at: number): Clock {
  if (clock.state !== 'stopped') return clock
  return resumeClock({ ...clock, state: 'paused', stopAt: null, dueAt: remainingDueAt(clock, clock.markAt) }, at)
}

/** A new target under the same start and the same pauses; one that is used up already is breached at the change. */
export function retargetClock(clock: Clock, target: number, at: number): Clock {
  if (clock.state === 'stopped' || clock.state === 'cancelled' || target === clock.targetMs) return clock
  const now = marked(clock, Math.max(at, clock.markAt))
  const isHidden = clock.state === 'paused' && now.elapsedMs < target
  return { ...now, targetMs: target, dueAt: isHidden ? null : now.markAt + target - now.elapsedMs }
}

/** The instant of the breach if the clock is running past its deadline at `now`, else null. */
export function breachAt(clock: Clock, now: number): number | null {
  if (clock.state !== 'running' || clock.breachAt !== null || clock.dueAt === null || now <= clock.dueAt) return null
  return Math.max(clock.dueAt, clock.markAt)
}

/** The clock with what it has consumed at `at` and whether it was breached by then, whoever noticed first. */
function marked(clock: Clock, at: number): Clock {
  const isTakenBack = clock.breachAt !== null && at <= clock.breachAt
  const breachedAt = isTakenBack ? null : (clock.breachAt ?? breachAt(clock, at))
  return { ...clock, elapsedMs: elapsedAt(clock, at), markAt: at, breachAt: breachedAt }
}

function remainingDueAt(clock: Clock, at: number): number | null {
  return elapsedAt(clock, at) >= clock.targetMs ? clock.dueAt : null
}
