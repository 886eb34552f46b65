/**
 * Explains the reading of a clock, to settle a dispute: every span of its life, worked, closed or paused, the versions
 * that measured it, the time of each level, and the arithmetic. `explain/text.ts` puts it into words.
 */
import type { Calendar } from '@rejoin/shared/sla/calendar.ts'
import { elapsedAt, isOverdue, type BreachCause, type Clock } from './clock.ts'
import { fireTimeOf } from './clocks/crossings.ts'
import type { ClockState, Metric } from '@rejoin/shared/sla/metric.ts'
import { levelKey, levelMs } from './policy.ts'
import type { Terms } from './terms.ts'

/** `[from, until)`, epoch ms. Of the kinds only `worked` counts. */
export interface Stretch {
  readonly from: number
  readonly until: number
  /** `waiting`: paused. `ended`: between a stop and the reopening. */
  readonly kind: 'worked' | 'closed' | 'waiting' | 'ended'
  /** Working time in it, ms: what it adds, or what a pause keeps from being added. */
  readonly workMs: number
  /** Working time used up at its end, ms. */
  readonly usedMs: number
}

export interface LevelTime {
  readonly key: number
  /** Working time used up when the level fires, ms. */
  readonly workMs: number
  /** By the present terms; null while a pause keeps it away. */
  readonly fireAt: number | null
  /** When the level was passed, under present or earlier terms; null when it was not, or not yet. */
  readonly passedAt: number | null
}

export interface Explanation {
  readonly metric: Metric
  readonly cycle: number
  readonly asOf: number
  readonly calendar: Calendar
  readonly state: ClockState
  readonly startAt: number
  readonly targetMs: number
  readonly elapsedMs: number
  /** Negative when more than the target is used up. */
  readonly remainingMs: number
  readonly dueAt: number | null
  readonly stopAt: number | null
  /** Null while it can still be met, and for a cancelled clock. */
  readonly isMet: boolean | null
  readonly isOverdue: boolean
  readonly breachAt: number | null
  readonly breachCause: BreachCause | null
  readonly isProvisional: boolean
  readonly excusedAt: number | null
  readonly segments: Clock['segments']
  readonly stretches: readonly Stretch[]
  /** Working time that pauses took out, ms. */
  readonly pausedMs: number
  readonly levels: readonly LevelTime[]
}

/** `terms` are those of the last segment of the clock; `asOf` is not before its mark. */
export function explain(clock: Clock, terms: Terms, asOf: number): Explanation {
  const { metric, cycle, state, startAt, targetMs, dueAt, stopAt, breachAt, breachCause, excusedAt, segments } = clock
  const elapsedMs = elapsedAt(clock, terms.working, asOf)
  const stretches = stretchesOf(clock, terms, stopAt ?? asOf)
  const isPaused = ({ kind }: Stretch) => kind === 'waiting' || kind === 'ended'
  const told = { metric, cycle, asOf, calendar: terms.working.calendar, state, startAt, targetMs, elapsedMs }
  const broken = { breachAt, breachCause, isProvisional: clock.isProvisional, excusedAt, segments }
  return {
    ...told,
    remainingMs: targetMs - elapsedMs,
    dueAt,
    stopAt,
    isMet: isMet(clock),
    isOverdue: isOverdue(clock, asOf),
    ...broken,
    stretches,
    pausedMs: stretches.filter(isPaused).reduce((total, { workMs }) => total + workMs, 0),
    levels: terms.levels.map((level) => ({
      key: levelKey(level),
      workMs: levelMs(level, targetMs),
      fireAt: fireTimeOf(clock, terms, level),
      passedAt: clock.crossed.findLast((crossing) => crossing.level === levelKey(level))?.at ?? null,
    })),
  }
}

function isMet({ state, breachAt }: Clock): boolean | null {
  if (state === 'cancelled') return null
  if (breachAt !== null) return false
  return state === 'stopped' ? true : null
}

/** From the start to `until`, without gaps. */
function stretchesOf({ startAt, pauses }: Clock, { working }: Terms, until: number): Stretch[] {
  const stretches: Stretch[] = []
  let usedMs = 0
  const push = (from: number, to: number, kind: Stretch['kind'], workMs: number) => {
    if (kind === 'worked') usedMs += workMs
    if (from < to) stretches.push({ from, until: to, kind, workMs, usedMs })
  }
  const run = (from: number, to: number) => {
    let at = from
    for (const slice of working.slices(from, to)) {
      push(at, slice.from, 'closed', 0)
      push(slice.from, slice.until, 'worked', slice.until - slice.from)
      at = slice.until
    }
    push(at, to, 'closed', 0)
  }
  let at = startAt
  for (const pause of pauses) {
    const end = Math.min(pause.until ?? until, until)
    run(at, pause.from)
    push(pause.from, end, pause.why, working.between(pause.from, end))
    at = end
  }
  run(at, until)
  return stretches
}
