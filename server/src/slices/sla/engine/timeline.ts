/**
 * The clocks of a ticket from all its events, by the full formulas: nothing is carried along but when each clock ran and
 * by which terms. This is what recomputing means, and what the state at run time must equal.
 *
 * E is the working time outside the pauses; due = min{ t : |E ∩ [start, t)| ≥ target }; a level or the deadline is passed
 * at the first instant from which the clock runs, with so much used up and its terms in force, before it stops.
 */
import type { BreachCause, Clock, Crossing } from './clock.ts'
import { moveCourse, type Course } from './clocks/course.ts'
import { inOrder } from './clocks/crossings.ts'
import { runsOf, usedUpAt, workedIn, type Run } from './clocks/runs.ts'
import { advance, standingAt } from './clocks/advance.ts'
import type { Standing } from './clocks/standing.ts'
import type { TicketClocks } from './follow.ts'
import { levelKey, levelMs } from './policy.ts'
import type { TicketEvent } from './ticket-event.ts'

/**
 * Where a ticket stands at `asOf` after `events`, by their effective time; which of the same instant comes first is said
 * by their order. The first must be its creation. Throws a `RangeError` for an event that is later than `asOf`.
 */
export function timeline(events: readonly TicketEvent[], asOf: number): TicketClocks {
  const ordered = events.toSorted((a, b) => a.at - b.at)
  const [created] = ordered
  if (created?.type !== 'created') throw new RangeError('A timeline begins with the creation of the ticket.')
  if (ordered.some(({ at }) => at > asOf)) throw new RangeError('A timeline ends with the instant it is asked for.')
  const standing = ordered.reduce<Standing<Course>>(
    (standing, event) => advance<Course>(standing, event, moveCourse),
    standingAt(created.at),
  )
  return { ...standing, clocks: standing.clocks.map((course) => clockOf(course, asOf)) }
}

function clockOf(course: Course, asOf: number): Clock {
  const { metric, cycle, startAt, stopAt, markAt, excusedAt, pauses } = course
  const segments = course.segments.map(({ terms: _, ...segment }) => segment)
  const { terms, targetMs } = lastOf(course)
  const elapsedMs = workedIn(terms.working, runsOf(course, markAt))
  // A clock that has ended is shown with the deadline it would have had.
  const dueAt = usedUpAt(terms.working, runsOf(course, Infinity), targetMs)
  const state = course.state === 'running' && dueAt === null ? 'unschedulable' : course.state
  const { crossed, nextLevelAt } = levelsOf(course, asOf)
  const breach = breachOf(course, asOf)
  const nextBreachAt = breach === null && course.state === 'running' ? passing(course, targetMs)?.at : undefined
  const next = [nextLevelAt, nextBreachAt].filter((at) => at !== undefined)
  const nextFireAt = course.state !== 'running' || next.length === 0 ? null : Math.min(...next)
  const broken = { breachAt: breach?.at ?? null, breachCause: breach?.cause ?? null, isProvisional: false }
  const times = { startAt, targetMs, elapsedMs, markAt, dueAt, stopAt, ...broken, excusedAt, nextFireAt }
  return { metric, cycle, state, ...times, pauses, segments, crossed }
}

/** In the first generation in which the deadline is passed. */
function breachOf(course: Course, asOf: number): { at: number; cause: BreachCause } | null {
  for (const [generation, { targetMs }] of course.segments.entries()) {
    const passed = passing(course, targetMs, generation)
    if (passed !== undefined && passed.at < asOf) return passed
  }
  return null
}

function levelsOf(course: Course, asOf: number): { crossed: readonly Crossing[]; nextLevelAt: number | undefined } {
  let crossed: Clock['crossed'] = []
  let ahead: number[] = []
  for (const [generation, { from, targetMs, terms }] of course.segments.entries()) {
    ahead = []
    const now: Crossing[] = []
    for (const level of terms.levels) {
      const workMs = levelMs(level, targetMs)
      const earlier = crossed.find((crossing) => crossing.level === levelKey(level))
      const usedUp = usedUpAt(terms.working, runsOf(course, Infinity), workMs)
      const passed = passing(course, workMs, generation)
      if (earlier !== undefined && usedUp !== null && usedUp <= from) now.push({ ...earlier, generation })
      else if (passed !== undefined && passed.at < asOf) now.push({ level: levelKey(level), at: passed.at, generation })
      else if (passed !== undefined) ahead.push(passed.at)
    }
    crossed = inOrder([...crossed, ...now])
  }
  return { crossed, nextLevelAt: ahead.length === 0 ? undefined : Math.min(...ahead) }
}

/** The first instant u with `workMs` used up from which the clock runs on in the generation; and why not earlier. */
function passing(
  course: Course,
  workMs: number,
  generation = course.segments.length - 1,
): { at: number; cause: BreachCause } | undefined {
  const segment = course.segments[generation] ?? lastOf(course)
  const until = Math.min(course.segments[generation + 1]?.from ?? Infinity, course.stopAt ?? Infinity)
  const runs = runsOf(course, course.stopAt ?? Infinity)
  const usedUp = usedUpAt(segment.terms.working, runs, workMs)
  if (usedUp === null) return undefined
  const from = Math.max(usedUp, segment.from)
  const run = runs.find((each) => each.until > from)
  const at = Math.max(from, run?.from ?? Infinity)
  return run === undefined || at >= until ? undefined : { at, cause: causeOf(run, { at, usedUp, from: segment.from }) }
}

function causeOf({ after }: Run, { at, usedUp, from }: { at: number; usedUp: number; from: number }): BreachCause {
  if (at === usedUp) return 'deadline'
  if (at === from) return 'policy_change'
  return after === 'ended' ? 'reopen' : 'resume'
}

function lastOf({ segments }: Course): Course['segments'][number] {
  const last = segments.at(-1)
  if (last === undefined) throw new Error('A clock is measured by something.')
  return last
}
