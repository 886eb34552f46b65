/** An explanation in words: one line for each span, times as the wall clock of the calendar shows them. */
import type { Segment } from '../clock.ts'
import type { Explanation, LevelTime, Stretch } from '../explain.ts'
import { offsetSpans } from '@rejoin/shared/sla/time/zone.ts'
import { duration, wallTime } from './wall-time.ts'

const SPANS: Record<Stretch['kind'], string> = {
  worked: 'worked',
  closed: 'closed',
  waiting: 'paused',
  ended: 'stopped, then reopened',
}

const CAUSES = {
  deadline: 'the deadline passed while the clock was running',
  resume: 'the time was used up when the clock paused, and the clock resumed',
  reopen: 'the time was used up when the clock stopped, and the ticket was reopened',
  policy_change: 'under the new target the time was already used up',
} as const

/** Ends with a line feed. */
export function explanationText(explanation: Explanation): string {
  const { calendar, metric, cycle, startAt, asOf, state } = explanation
  const tell = teller(explanation)
  return [
    `${metric.replace('_', ' ')}, cycle ${cycle}: ${verdict(explanation)}`,
    `Calendar in ${calendar.zone}; all times are in this zone, as of ${tell(asOf)}.`,
    '',
    `${tell(startAt)}  starts`,
    ...explanation.segments.map((segment) => segmentLine(segment, tell)),
    '',
    ...explanation.stretches.map((stretch) => line(stretch, tell)),
    ...(explanation.stopAt === null ? [] : [`${tell(explanation.stopAt)}  ${state}`]),
    '',
    ...arithmetic(explanation, tell),
    ...explanation.levels.map((level) => levelLine(level, tell)),
    '',
  ].join('\n')
}

type Tell = (at: number) => string

function teller({ calendar, startAt, ...rest }: Explanation): Tell {
  const instants = [rest.asOf, rest.dueAt, ...rest.levels.map(({ fireAt }) => fireAt)].filter((at) => at !== null)
  const spans = offsetSpans(calendar.zone, startAt - 1, Math.max(startAt, ...instants) + 1)
  return (at) => wallTime(at, spans)
}

function verdict({ state, isMet, isOverdue, isProvisional, excusedAt, remainingMs }: Explanation): string {
  const excused = excusedAt === null ? '' : ', and excused'
  if (state === 'cancelled') return 'cancelled; it does not count'
  if (isMet === true) return 'met'
  if (isMet === false)
    return `${isProvisional ? 'possibly breached' : 'breached'}${isOverdue ? ', and overdue now' : ''}${excused}`
  if (state === 'unschedulable') return 'without a deadline: its calendar has no working time left'
  return `${state}, with ${duration(remainingMs)} left`
}

function segmentLine({ from, targetMs, policyVersion, calendarVersion }: Segment, tell: Tell): string {
  return `${tell(from)}  target ${duration(targetMs)}, counted from the start (policy ${policyVersion}, calendar ${calendarVersion})`
}

function line({ from, until, kind, workMs, usedMs }: Stretch, tell: Tell): string {
  const span = `${tell(from)} – ${tell(until)}  ${SPANS[kind]}`
  if (kind === 'closed') return span
  if (kind === 'worked') return `${span}  + ${duration(workMs)} = ${duration(usedMs)}`
  return `${span}  ${duration(workMs)} of working time not counted`
}

function arithmetic({ elapsedMs, targetMs, remainingMs, pausedMs, ...rest }: Explanation, tell: Tell): string[] {
  const { dueAt, breachAt, breachCause, stopAt } = rest
  const over = remainingMs < 0 ? `${duration(-remainingMs)} over` : `${duration(remainingMs)} left`
  const used = `Used ${duration(elapsedMs)} of ${duration(targetMs)}: ${over}.`
  const paused = pausedMs > 0 ? [`Pauses took out ${duration(pausedMs)} of working time.`] : []
  const due = dueAt === null ? 'No deadline now.' : `Due ${tell(dueAt)}: the moment when the target is used up.`
  const stopped = stopAt !== null && dueAt !== null && rest.state === 'stopped'
  const met = stopped ? [`Stopped ${tell(stopAt)}, ${stopAt <= dueAt ? 'not after' : 'after'} the deadline.`] : []
  const why = breachCause === null ? '' : CAUSES[breachCause]
  const breach = breachAt === null ? [] : [`Breached ${tell(breachAt)}: ${why}.`]
  return [used, ...paused, due, ...met, ...breach]
}

function levelLine({ key, workMs, fireAt, passedAt }: LevelTime, tell: Tell): string {
  const name = key > 0 ? `Level ${key} %` : `Level ${-key} min before`
  const when = fireAt === null ? 'not while paused' : tell(fireAt)
  return `${name}, at ${duration(Math.max(0, workMs))}: ${when}${passedAt === null ? '' : `, passed ${tell(passedAt)}`}.`
}
