/** What the SLA engine costs: a deadline a year ahead, a whole ticket anew, and its explanation. */
import { Calendar } from '@rejoin/shared/sla/calendar.ts'
import { explain } from '@rejoin/server/slices/sla/engine/explain.ts'
import { explanationText } from '@rejoin/server/slices/sla/engine/explain/text.ts'
import { DEFAULT_LEVELS } from '@rejoin/server/slices/sla/engine/policy.ts'
import { DEFAULT_POLICY, termsOf } from '@rejoin/server/slices/sla/engine/terms.ts'
import type { TicketEvent } from '@rejoin/server/slices/sla/engine/ticket-event.ts'
import { timeline } from '@rejoin/server/slices/sla/engine/timeline.ts'
import { WorkingTime } from '@rejoin/shared/sla/working-time.ts'
import { percentile, short, table } from './figures.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const START = Date.parse('2026-03-02T08:00Z')
/** 261 working days of eight hours, less the closures. */
const YEAR_OF_WORK = 2000 * HOUR
const ROUNDS = 200

const week = ['mon', 'tue', 'wed', 'thu', 'fri'].map((day) => [
  day,
  [
    ['08:00', '12:00'],
    ['13:00', '17:00'],
  ],
])
const CALENDAR = Calendar.parse({
  zone: 'Europe/Berlin',
  weekly: Object.fromEntries(week),
  closures: [{ firstDay: '12-24', lastDay: '01-02' }, { date: '2026-05-01' }],
})

export async function benchSla(): Promise<string> {
  const warm = new WorkingTime(CALENDAR)
  const add = (working: WorkingTime) => working.add(START, YEAR_OF_WORK)
  const terms = termsOf({ ...DEFAULT_POLICY, levels: [...DEFAULT_LEVELS] }, 'low', {
    policyVersion: 'bench',
    calendarVersion: 'bench',
    working: warm,
  })
  const story = (days: number): TicketEvent[] => [
    { type: 'created', at: START, terms: { ...terms, targetMs: { resolution: YEAR_OF_WORK } } },
    ...Array.from({ length: days }, (_, day): TicketEvent[] => [
      { type: 'status', to: 'waiting_customer', at: START + day * DAY + HOUR },
      { type: 'status', to: 'in_progress', at: START + day * DAY + 3 * HOUR },
    ]).flat(),
  ]
  const explained = (days: number) => {
    const asOf = START + (days + 1) * DAY
    const [clock] = timeline(story(days), asOf).clocks
    if (clock === undefined) throw new Error('the ticket has a clock')
    return explanationText(explain(clock, terms, asOf))
  }
  const rows = [
    ['add a year of working time, compiled', ...micros(() => add(warm), 1000)],
    ['add a year of working time, calendar new', ...micros(() => add(new WorkingTime(CALENDAR)), 1)],
    ['add an hour, compiled', ...micros(() => warm.add(START, HOUR), 1000)],
    ['between two instants a year apart, compiled', ...micros(() => warm.between(START, START + 365 * DAY), 1000)],
    ['a ticket of 10 pauses anew, explained in words', ...micros(() => explained(10), 1)],
    ['a ticket of 365 pauses anew, explained in words', ...micros(() => explained(365), 1)],
  ]
  return table('sla: working time and explanations, in this process', ['what', 'p50 µs', 'p99 µs'], rows)
}

/** p50 and p99 of one `work`, of which `times` are measured at once. */
function micros(work: () => unknown, times: number): string[] {
  const samples = Array.from({ length: ROUNDS }, () => {
    const start = performance.now()
    for (let count = 0; count < times; count++) work()
    return ((performance.now() - start) * 1000) / times
  })
  return [short(percentile(samples, 0.5)), short(percentile(samples, 0.99))]
}
