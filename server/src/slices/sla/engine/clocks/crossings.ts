/**
 * When a clock passes its levels and its deadline: at the first instant from which on it runs with that much used up.
 * So a level that is used up in a pause, or by another target, is passed when the clock goes on, or at the change; and
 * a clock that ends exactly then has not passed it.
 */
import { generationOf, isGoing, validFrom, type BreachCause, type Clock } from '../clock.ts'
import { levelKey, levelMs, type Level } from '../policy.ts'
import type { Terms } from '../terms.ts'
import { runsOf, usedUpAt } from './runs.ts'

/** The clock with all that it passed before `now`, as a sweep records it. Nothing else of it changes. */
export function fireClock(clock: Clock, terms: Terms, now: number, { isProvisional = false } = {}): Clock {
  if (!isGoing(clock)) return clock
  const passed = withCrossings(clock, terms, now)
  const isNew = clock.breachAt === null && passed.breachAt !== null
  const fired = isNew ? { ...passed, isProvisional } : passed
  return { ...fired, nextFireAt: nextFireAt(fired, terms) }
}

/** Makes a provisional breach final, since nothing came that takes it back. */
export function confirmBreach(clock: Clock): Clock {
  return clock.isProvisional ? { ...clock, isProvisional: false } : clock
}

/** The clock with the levels and the breach that it passed from its mark until `until`, exclusively. */
export function withCrossings(clock: Clock, terms: Terms, until: number): Clock {
  const generation = generationOf(clock)
  const crossed = uncrossed(clock, terms).flatMap((level) => {
    const at = crossingAt(clock, terms, levelMs(level, clock.targetMs))
    return at !== null && at < until ? [{ level: levelKey(level), at, generation }] : []
  })
  const breachAt = clock.breachAt ?? before(crossingAt(clock, terms, clock.targetMs), until)
  const breachCause = clock.breachCause ?? (breachAt === null ? null : causeOf(clock, breachAt))
  return { ...clock, breachAt, breachCause, crossed: inOrder([...clock.crossed, ...crossed]) }
}

/** The clock without the levels and the breach that it was said to have passed at `at` or later. */
export function withoutCrossings(clock: Clock, at: number): Clock {
  const crossed = clock.crossed.filter((crossing) => crossing.at < at)
  if (clock.breachAt === null || clock.breachAt < at) return { ...clock, crossed }
  return { ...clock, crossed, breachAt: null, breachCause: null, isProvisional: false }
}

/** Levels that were passed by an earlier target, and are used up by the present one already, do not fire again. */
export function carriedOver(clock: Clock, terms: Terms): Clock['crossed'] {
  const generation = generationOf(clock)
  const carried = terms.levels.flatMap((level) => {
    const earlier = clock.crossed.find((crossing) => crossing.level === levelKey(level))
    const isUsedUp = clock.elapsedMs >= levelMs(level, clock.targetMs)
    return earlier !== undefined && isUsedUp ? [{ ...earlier, generation }] : []
  })
  return inOrder([...clock.crossed, ...carried])
}

export function nextFireAt(clock: Clock, terms: Terms): number | null {
  if (!isGoing(clock)) return null
  const levels = uncrossed(clock, terms).map((level) => levelMs(level, clock.targetMs))
  const marks = clock.breachAt === null ? [...levels, clock.targetMs] : levels
  const instants = marks.map((mark) => crossingAt(clock, terms, mark)).filter((at) => at !== null)
  return instants.length === 0 ? null : Math.min(...instants)
}

/**
 * `min{ t : |E ∩ [start, t)| ≥ the level's share }`, whether or not it fires then; null while a pause keeps it away.
 */
export function fireTimeOf(clock: Clock, { working }: Terms, level: Level): number | null {
  return usedUpAt(working, runsOf(clock, Infinity), levelMs(level, clock.targetMs))
}

export function inOrder(crossed: Clock['crossed']): Clock['crossed'] {
  return crossed.toSorted((a, b) => a.at - b.at || a.generation - b.generation || a.level - b.level)
}

function uncrossed(clock: Clock, terms: Terms): Terms['levels'] {
  const now = clock.crossed.filter(({ generation }) => generation === generationOf(clock))
  return terms.levels.filter((level) => !now.some((crossing) => crossing.level === levelKey(level)))
}

/** When a going clock has used up `workMs`: since its mark it runs without a break. */
function crossingAt(clock: Clock, { working }: Terms, workMs: number): number | null {
  const usedUpAt = working.add(clock.markAt, workMs - clock.elapsedMs)
  return usedUpAt === null ? null : Math.max(usedUpAt, validFrom(clock))
}

function causeOf(clock: Clock, breachAt: number): BreachCause {
  if (breachAt === clock.dueAt) return 'deadline'
  if (breachAt === validFrom(clock)) return 'policy_change'
  return clock.pauses.at(-1)?.why === 'ended' ? 'reopen' : 'resume'
}

function before(at: number | null, until: number): number | null {
  return at !== null && at < until ? at : null
}
