/**
 * Clocks without a network: a device computes them from the document alone, with the working time that the server
 * counts with. Facts that only the server knows (delivery, another policy) change nothing here.
 */
import { z } from 'zod'
import { categoryOf, Status } from '../statuses.ts'
import { ALWAYS_OPEN, Calendar } from './calendar.ts'
import { Metric, type ClockView } from './metric.ts'

import { WorkingTime } from './working-time.ts'

/** The terms by which the clocks of a ticket run. */
export const ClockTerms = z.object({
  /** Null: always open. */
  calendar: Calendar.nullable(),
  /** The statuses in which a clock of the metric rests. */
  pauseOn: z.partialRecord(Metric, z.array(Status).readonly()).readonly(),
})
export type ClockTerms = z.infer<typeof ClockTerms>

export interface ClockReading {
  readonly elapsedMs: number
  /** Negative when more than the target is used up. */
  readonly remainingMs: number
  readonly isOverdue: boolean
  /** Whether an end at that instant would meet the target; null for one that has ended. */
  readonly wouldMeet: boolean | null
}

/** How the clock stands at `at`, epoch ms by the server's time. Null for a document of an earlier server. */
export function readClock(clock: ClockView, terms: ClockTerms | null, at: number): ClockReading | null {
  const { targetMs, markAt, dueAt, state, breachedAt } = clock
  if (targetMs === null || markAt === null || terms === null) return null
  const isGoing = state === 'running' || state === 'unschedulable'
  const elapsedMs = clock.elapsedMs + (isGoing ? workingBy(terms).between(markAt, at) : 0)
  const isOverdue = state === 'running' && dueAt !== null && at > dueAt
  const hasEnded = state === 'stopped' || state === 'cancelled'
  const isBroken = (breachedAt !== null && at > breachedAt) || isOverdue
  return { elapsedMs, remainingMs: targetMs - elapsedMs, isOverdue, wouldMeet: hasEnded ? null : !isBroken }
}

interface Clocked {
  readonly status: Status
  readonly clocks: readonly ClockView[]
  readonly clockTerms: ClockTerms | null
}

/** The clocks of a ticket that becomes `to` at `at`; a reopening is left to the server, which has the policy. */
export function clocksAfter({ status, clocks, clockTerms }: Clocked, to: Status, at: number): ClockView[] {
  if (clockTerms === null || isDone(status)) return [...clocks]
  return clocks.map((clock) => movedTo(clock, clockTerms, to, at))
}

function movedTo(clock: ClockView, terms: ClockTerms, to: Status, at: number): ClockView {
  const reading = readClock(clock, terms, at)
  if (reading === null || reading.wouldMeet === null) return clock
  const { elapsedMs, remainingMs, wouldMeet } = reading
  // A breach recorded from that instant on is taken back.
  const breachedAt = wouldMeet ? null : (clock.breachedAt ?? clock.dueAt)
  const marked = { ...clock, elapsedMs, markAt: at, breachedAt }
  if (isDone(to)) return { ...marked, state: 'stopped', stoppedAt: at }
  const rests = terms.pauseOn[clock.metric]?.includes(to) ?? false
  if (rests === (clock.state === 'paused')) return clock
  if (rests) return { ...marked, state: 'paused', dueAt: remainingMs > 0 ? null : clock.dueAt }
  const dueAt = remainingMs > 0 ? workingBy(terms).add(at, remainingMs) : clock.dueAt
  return { ...marked, state: dueAt === null ? 'unschedulable' : 'running', dueAt }
}

function isDone(status: Status): boolean {
  return ['resolved', 'closed'].includes(categoryOf(status))
}

/** Compiled once for each calendar, however many tickets carry it. */
const compiled = new Map<string, WorkingTime>()
const KEPT = 20
const ALWAYS = new WorkingTime(ALWAYS_OPEN)

function workingBy({ calendar }: ClockTerms): WorkingTime {
  if (calendar === null) return ALWAYS
  const key = JSON.stringify(calendar)
  const working = compiled.get(key) ?? new WorkingTime(calendar)
  if (compiled.size >= KEPT) compiled.clear()
  compiled.set(key, working)
  return working
}
