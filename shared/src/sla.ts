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
  const elapsedMs = elapsedAt(clock, at)
  return { ...clock, state: 'paused', elapsedMs, markAt: at, dueAt: elapsedMs >= clock.targetMs ? clock.dueAt : null }
}

export function resumeClock(clock: Clock, at: number): Clock {
  if (clock.state !== 'paused') return clock
  const dueAt = clock.dueAt ?? at + clock.targetMs - clock.elapsedMs
  return { ...clock, state: 'running', markAt: at, dueAt }
}

/** Stops at `at`. A stop at or before the deadline takes back a breach that was recorded before it was known. */
export function stopClock(clock: Clock, at: number): Clock {
  if (clock.state === 'stopped' || clock.state === 'cancelled') return clock
  const elapsedMs = elapsedAt(clock, at)
  const met = clock.dueAt === null || at <= clock.dueAt
  return { ...clock, state: 'stopped', elapsedMs, markAt: at, stopAt: at, breachAt: met ? null : clock.breachAt }
}

/** The same clock goes on; the time it was stopped counts as a pause, and a breach once recorded stays. */
export function reopenClock(clock: Clock, at: number): Clock {
  if (clock.state !== 'stopped') return clock
  return resumeClock({ ...clock, state: 'paused', stopAt: null, dueAt: null }, at)
}

/** A new target under the same start and the same pauses. */
export function retargetClock(clock: Clock, priority: Priority): Clock {
  const target = targetMs(priority, clock.metric)
  if (clock.state === 'stopped' || clock.state === 'cancelled' || target === clock.targetMs) return clock
  const dueAt = clock.state === 'running' ? clock.markAt + target - clock.elapsedMs : null
  return { ...clock, targetMs: target, dueAt }
}

/** The instant of the breach if the clock is running past its deadline at `now`, else null. */
export function breachAt(clock: Clock, now: number): number | null {
  if (clock.state !== 'running' || clock.breachAt !== null || clock.dueAt === null || now <= clock.dueAt) return null
  return Math.max(clock.dueAt, clock.markAt)
}
