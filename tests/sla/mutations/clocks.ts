/** Known breakages of clocks, most of them of some helpdesk. Each must be caught by the tests of `tests/sla/`. */
import type { Mutation } from '../../sync/faults/mutations/mutation.ts'

const VECTORS = { test: 'tests/sla/vectors.test.ts' }
const SIMULATOR = { test: 'tests/sla/timelines.test.ts', named: 'counts what a simulator counts' }
const RUN_TIME = { test: 'tests/sla/timelines.test.ts', named: 'carries along at run time' }
const MOVES = 'server/src/slices/sla/engine/clocks/clock-moves.ts'
const TRANSITIONS = 'server/src/slices/sla/engine/clocks/transitions.ts'
const CROSSINGS = 'server/src/slices/sla/engine/clocks/crossings.ts'
const TIMELINE = 'server/src/slices/sla/engine/timeline.ts'
const EVENTS = 'server/src/slices/sla/engine/replay/events.ts'

export const CLOCK_MUTATIONS: readonly Mutation[] = [
  {
    what: 'a stop at the deadline has not met it',
    file: TIMELINE,
    line: 'run === undefined || at >= until ?',
    instead: 'run === undefined || at > until ?',
    ...SIMULATOR,
  },
  {
    what: 'at run time a stop at the deadline has not met it',
    file: CROSSINGS,
    line: 'return at !== null && at < until ? at : null',
    instead: 'return at !== null && at <= until ? at : null',
    ...RUN_TIME,
  },
  {
    what: 'a target is met while no more than it is used up, though its deadline has passed',
    file: TIMELINE,
    line: 'const from = Math.max(usedUp, segment.from)',
    instead: 'const from = Math.max(segment.terms.working.nextOpen(usedUp) ?? usedUp, segment.from)',
    ...SIMULATOR,
  },
  {
    what: 'pauses are not left out',
    file: 'server/src/slices/sla/engine/clocks/runs.ts',
    line: 'from = pause.until\n',
    instead: 'from = pause.from\n',
    ...VECTORS,
  },
  {
    what: 'at run time a pause is lost when it ends',
    file: TRANSITIONS,
    line: 'pauses: closedAt(clock.pauses, at), markAt: at }',
    instead: 'pauses: closedAt(clock.pauses, at) }',
    ...RUN_TIME,
  },
  {
    what: 'every metric rests while the ticket waits',
    file: 'server/src/slices/sla/engine/clocks/rests.ts',
    line: 'terms.pauseOn[metric]?.includes(status) ?? false',
    instead: "categoryOf(status) === 'waiting' && metric.length + terms.levels.length > 0",
    ...VECTORS,
  },
  {
    what: 'offline work counts from its receipt',
    file: EVENTS,
    line: 'at: isDelivery ? receivedAt : effectiveAt',
    instead: 'at: isDelivery ? receivedAt : Math.max(receivedAt, effectiveAt)',
    ...VECTORS,
  },
  {
    what: 'an offline reply counts when it was written',
    file: EVENTS,
    line: "event.type === 'public_reply' && rules.credit_composed !== true",
    instead: "event.type === 'public_reply' && rules.credit_composed === true",
    ...VECTORS,
  },
  {
    what: 'the wall clock of a device is believed',
    file: EVENTS,
    line: 'contacts: isTimed\n',
    instead: 'contacts: isTimed && mono < 0\n',
    ...VECTORS,
  },
  {
    what: 'offline work may be as old as it likes',
    file: 'shared/src/sync/time.ts',
    line: 'receivedAt - clamped > maxBackdateMs',
    instead: 'receivedAt - clamped > maxBackdateMs * 1000',
    ...VECTORS,
  },
  {
    what: 'events count in the order in which they came',
    file: TIMELINE,
    line: 'events.toSorted((a, b) => a.at - b.at)',
    instead: 'events.toSorted((a, b) => Number(a.at < 0) - Number(b.at < 0))',
    test: 'tests/sla/timelines.test.ts',
    named: 'takes events in any order',
  },
  {
    what: 'another target counts from its change',
    file: TIMELINE,
    line: 'usedUpAt(terms.working, runsOf(course, Infinity), targetMs)',
    instead: 'usedUpAt(terms.working, runsOf({ ...course, startAt: lastOf(course).from }, Infinity), targetMs)',
    ...VECTORS,
  },
  {
    what: 'at run time another target counts from its change',
    file: TRANSITIONS,
    line: 'const elapsedMs = workedIn(to.working, runs)',
    instead: 'const elapsedMs = workedIn(to.working, runs.slice(runs.length))',
    ...RUN_TIME,
  },
  {
    what: 'a breach by another target is stamped before the change',
    file: TIMELINE,
    line: 'const from = Math.max(usedUp, segment.from)',
    instead: 'const from = usedUp',
    ...VECTORS,
  },
  {
    what: 'a longer target takes the breach back',
    file: TIMELINE,
    line: 'const passed = passing(course, targetMs, generation)\n    if',
    instead:
      'const passed = passing(course, targetMs, generation)\n    if (generation < course.segments.length - 1) continue\n    if',
    ...VECTORS,
  },
  {
    what: 'at run time a longer target takes the breach back',
    file: TRANSITIONS,
    line: 'const moved = { ...marked,',
    instead: 'const moved = { ...marked, breachAt: null, breachCause: null,',
    ...RUN_TIME,
  },
  {
    what: 'a policy without a match before counts from when it matches',
    file: MOVES,
    line: "moveOf(which, 'start', createdAt)",
    instead: "moveOf(which, 'start', Math.max(createdAt, at))",
    ...SIMULATOR,
  },
  {
    what: 'reopening restarts the clock',
    file: MOVES,
    line: "terms.onReopen === 'new_cycle' || isLate",
    instead: "terms.onReopen !== 'ignore' || isLate",
    ...VECTORS,
  },
  {
    what: 'reopening late goes on with the same clock',
    file: MOVES,
    line: "terms.onReopen === 'new_cycle' || isLate",
    instead: "terms.onReopen === 'new_cycle' || (isLate && at < 0)",
    ...SIMULATOR,
  },
  {
    what: 'a breach by reopening is stamped yesterday',
    file: TIMELINE,
    line: 'Math.max(from, run?.from ?? Infinity)',
    instead: 'Math.max(from, run === undefined ? Infinity : from)',
    ...VECTORS,
  },
  {
    what: 'the next response counts from the newest message',
    file: MOVES,
    line: "    case 'customer_message':\n      return awaited(before, after, at)",
    instead:
      "    case 'customer_message':\n      return after.isAwaited ? [...stops(before, at, ['next_response']), ...begin(after, 'next_response', at)] : []",
    ...VECTORS,
  },
  {
    what: 'resolving leaves a response clock running',
    file: MOVES,
    line: 'if (isDone(after.status)) return stops(before, at)',
    instead: "if (isDone(after.status)) return stops(before, at, ['resolution'])",
    ...VECTORS,
  },
  {
    what: 'levels are percents of wall time',
    file: CROSSINGS,
    line: 'return usedUpAt(working, runsOf(clock, Infinity), levelMs(level, clock.targetMs))',
    instead:
      'return working === undefined ? usedUpAt(working, runsOf(clock, 0), 0) : clock.startAt + levelMs(level, clock.targetMs)',
    ...VECTORS,
  },
  {
    what: 'levels that a change of target finds passed fire again',
    file: TIMELINE,
    line: 'usedUp !== null && usedUp <= from',
    instead: 'usedUp !== null && usedUp < from - from',
    ...SIMULATOR,
  },
  {
    what: 'a paused clock is breached by the sweep',
    file: CROSSINGS,
    line: 'export function fireClock(clock: Clock, terms: Terms, now: number, { isProvisional = false } = {}): Clock {\n  if (!isGoing(clock)) return clock',
    instead:
      'export function fireClock(clock: Clock, terms: Terms, now: number, { isProvisional = false } = {}): Clock {\n  if (clock.stopAt !== null) return clock',
    ...RUN_TIME,
  },
  {
    what: 'what a sweep saw before late work came is not taken back',
    file: TRANSITIONS,
    line: 'withCrossings(withoutCrossings(clock, at), terms, at)',
    instead: 'withCrossings(clock.markAt > at ? withoutCrossings(clock, at) : clock, terms, at)',
    ...RUN_TIME,
  },
  {
    what: 'a merged ticket counts as done in time',
    file: MOVES,
    line: "moveOf(clock, 'cancel', at))\n  }",
    instead: "moveOf(clock, 'stop', at))\n  }",
    ...VECTORS,
  },
]
