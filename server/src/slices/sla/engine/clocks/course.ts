/** The course of a clock: only when it ran, and by what it was measured; what that comes to is `timeline.ts`. */
import type { Pause, Segment } from '../clock.ts'
import type { Terms } from '../terms.ts'
import type { ClockMove } from './clock-moves.ts'
import { closedAt } from './runs.ts'
import type { Known } from './standing.ts'

export interface Course extends Known {
  readonly startAt: number
  /** Of the last move. */
  readonly markAt: number
  readonly excusedAt: number | null
  readonly pauses: readonly Pause[]
  readonly segments: readonly (Segment & { readonly terms: Terms })[]
}

export function moveCourse(course: Course | undefined, move: ClockMove, { to }: { to: Terms }): Course {
  const { kind, metric, cycle, at } = move
  if (course === undefined) {
    const segments = [segmentOf(move, to, move.validFrom ?? at)]
    const none = { stopAt: null, excusedAt: null, pauses: [], segments }
    return { metric, cycle, state: 'running', startAt: at, markAt: at, ...none }
  }
  const { pauses, segments } = course
  switch (kind) {
    case 'pause':
      return { ...course, state: 'paused', markAt: at, pauses: [...pauses, { from: at, until: null, why: 'waiting' }] }
    case 'resume':
      return { ...course, state: 'running', markAt: at, pauses: closedAt(pauses, at) }
    case 'reopen': {
      const ended = { from: course.stopAt ?? at, until: at, why: 'ended' as const }
      return { ...course, state: 'running', stopAt: null, markAt: at, pauses: [...pauses, ended] }
    }
    case 'retarget': {
      const segment = segmentOf(move, to, at)
      const isSame = key(segments.at(-1)) === key(segment)
      return isSame ? course : { ...course, markAt: at, segments: [...segments, segment] }
    }
    case 'stop':
      return { ...course, state: 'stopped', stopAt: at, markAt: at, pauses: closedAt(pauses, at) }
    case 'cancel':
      return { ...course, state: 'cancelled', stopAt: at, markAt: at, pauses: closedAt(pauses, at) }
    case 'excuse':
      return { ...course, excusedAt: course.excusedAt ?? at }
    case 'start':
    default:
      throw new Error(`The clock ${metric} ${cycle} runs already.`)
  }
}

function segmentOf({ metric }: ClockMove, terms: Terms, from: number): Course['segments'][number] {
  const { targetMs, policyVersion, calendarVersion } = terms
  return { from, targetMs: targetMs[metric] ?? 0, policyVersion, calendarVersion, terms }
}

function key(segment: Segment | undefined): string {
  return JSON.stringify([segment?.targetMs, segment?.policyVersion, segment?.calendarVersion])
}
