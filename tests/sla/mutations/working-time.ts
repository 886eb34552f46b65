/** Known breakages of working time. Each must be caught by the tests of `tests/sla/`. */
import type { Mutation } from '../../sync/faults/mutations/mutation.ts'

const VECTORS = { test: 'tests/sla/vectors.test.ts' }
const WALL = { test: 'tests/sla/working-time.test.ts', named: 'agrees with a look' }
const YEARS = { test: 'tests/sla/working-time.test.ts', named: 'joins the years' }
const ZONE = 'shared/src/sla/time/zone.ts'
const DAYS = 'shared/src/sla/time/days.ts'
const YEAR = 'shared/src/sla/time/year.ts'

export const TIME_MUTATIONS: readonly Mutation[] = [
  {
    what: 'an interval starts at the second of two equal readings',
    file: ZONE,
    line: 'opens = Math.min(opens, from)',
    instead: 'opens = from',
    ...WALL,
  },
  {
    what: 'an interval ends at the first of two equal readings',
    file: ZONE,
    line: 'closes = Math.max(closes, until)',
    instead: 'closes = closes < until && closes > 0 ? closes : until',
    ...WALL,
  },
  {
    what: 'an interval that ends at the time the clock is set back to has the repeated hour',
    file: ZONE,
    line: 'if (from >= until) continue',
    instead: 'if (from > until) continue',
    test: 'tests/sla/working-time.test.ts',
    named: 'set back to',
  },
  {
    what: 'a reading that is skipped means the hour before the transition',
    file: ZONE,
    line: 'Math.max(startMs - span.offsetMs, span.from)',
    instead: 'startMs - span.offsetMs',
    ...VECTORS,
  },
  {
    what: 'every day has 86,400 seconds',
    file: YEAR,
    line: 'Math.min(hull.until, until)]',
    instead: 'Math.min(end - start === 1440 ? hull.from + 86_400_000 : hull.until, until)]',
    ...WALL,
  },
  {
    what: 'dates of other zones do not reach over the edges of a year',
    file: YEAR,
    line: 'const MARGIN_DAYS = 2',
    instead: 'const MARGIN_DAYS = 0',
    ...WALL,
  },
  {
    what: 'years overlap',
    file: YEAR,
    line: '[Math.max(hull.from, from), ',
    instead: '[hull.from, ',
    ...YEARS,
  },
  {
    what: 'what is used up on Friday at closing time is due on Monday',
    file: YEAR,
    line: '(before) => before >= workedMs',
    instead: '(before) => before > workedMs',
    ...VECTORS,
  },
  {
    what: 'a recurring closure does not wrap the year',
    file: DAYS,
    line: 'firstDay <= today || today <= lastDay',
    instead: 'firstDay <= today && today <= lastDay',
    ...VECTORS,
  },
  {
    what: 'a closure for part of a day is ignored',
    file: DAYS,
    line: 'return minutes(hours)',
    instead: "return hours.join() === '00:00,24:00' ? minutes(hours) : [0, 0]",
    ...VECTORS,
  },
  {
    what: 'a closure for part of a day closes all of it',
    file: DAYS,
    line: 'return minutes(hours)',
    instead: 'return hours.length > 0 ? [0, 1440] : [0, 0]',
    ...VECTORS,
  },
  {
    what: 'an extra opening loses to a closure',
    file: DAYS,
    line: '...(opened ?? []).map(',
    instead: '...((closed.length > 0 ? [] : opened) ?? []).map(',
    ...WALL,
  },
  {
    what: 'time in two intervals is worked twice',
    file: DAYS,
    line: 'start <= last[1]',
    instead: 'start < last[0]',
    ...WALL,
  },
]
