/** Known breakages of how the server reads, sweeps and tells. Each must be caught by the tests of `tests/sla/`. */
import type { Mutation } from '../../sync/faults/mutations/mutation.ts'

const READING = 'server/src/slices/sla/clocks/reading.ts'
const SWEEP = 'server/src/slices/sla/sweep.ts'
const CYCLES = { test: 'tests/sla/cycles.test.ts' }
const OFFLINE = { test: 'tests/sla/offline.test.ts' }
const ESCALATION = { test: 'tests/sla/escalation.test.ts' }

export const SERVER_MUTATIONS: readonly Mutation[] = [
  {
    what: 'a late resolve does not take back what was moved after it',
    file: READING,
    line: 'takesBackFrom: isEnd && at < reading.movedAt ? at : null',
    instead: 'takesBackFrom: null',
    ...CYCLES,
    named: 'ends a clock when the work was done',
  },
  {
    what: 'a late move counts before the last one that was known',
    file: READING,
    line: 'isEnd ? at : Math.max(at, reading.movedAt)',
    instead: 'at',
    ...CYCLES,
    named: 'lets a clock go on from the last move',
  },
  {
    what: 'a reply counts from when it was written',
    file: READING,
    line: 'creditComposed ? at : Math.max(at, recordedAt)',
    instead: 'at',
    ...OFFLINE,
    named: 'written in time and delivered late',
  },
  {
    what: 'a silent device makes no breach a possible one',
    file: 'server/src/slices/sla/escalation/silence.ts',
    line: '!isWithin(SILENT_MS + 1, lastSeenAt, now)',
    instead: '!isWithin(1e15, lastSeenAt, now)',
    ...OFFLINE,
    named: 'when nothing has come in the grace',
  },
  {
    what: 'work counts from when it was done, however old it is',
    file: 'server/src/slices/sla/queries.ts',
    line: 'maxBackdateHours * 3_600_000',
    instead: 'maxBackdateHours * 3_600_000_000',
    test: 'tests/sla/backdated.test.ts',
    named: 'older than the policy takes',
  },
  {
    what: 'whoever has taken note is told all the same',
    file: 'server/src/slices/sla/escalation/tell.ts',
    line: 'row.acknowledgedAt === null || levelKey(level) === 100',
    instead: 'true',
    ...ESCALATION,
    named: 'is silent for a clock',
  },
  {
    what: 'two servers sweep at once',
    file: SWEEP,
    line: 'held.until > now',
    instead: 'held.until > Infinity',
    test: 'tests/sla/sweep.test.ts',
    named: 'leaves the sweep to whoever holds it',
  },
  {
    what: 'an edit for new tickets moves open ones',
    file: 'server/src/slices/sla/clocks/choice.ts',
    line: '.policyId === policy.policyId',
    instead: ".policyId === ''",
    test: 'tests/sla/administration.test.ts',
    named: 'leaves open tickets as they are',
  },
  {
    what: 'a changed custom field chooses no other policy',
    file: 'server/src/slices/sla/clocks/choice.ts',
    line: " || name.startsWith('custom.')",
    instead: '',
    test: 'tests/sla/administration.test.ts',
    named: 'as its custom field changes',
  },
]
