/** Random stories of tickets, in whole minutes, for the engine and for the simulator alike. */
import { ALWAYS_OPEN, Calendar } from '@rejoin/shared/sla/calendar.ts'
import { levelKey, levelMs, type Level } from '@rejoin/server/slices/sla/engine/policy.ts'
import type { Terms } from '@rejoin/server/slices/sla/engine/terms.ts'
import type { TicketEvent } from '@rejoin/server/slices/sla/engine/ticket-event.ts'
import { WorkingTime } from '@rejoin/shared/sla/working-time.ts'
import { Status } from '@rejoin/shared/statuses.ts'
import type { Random } from '../../harness/random.ts'
import type { SlowTerms } from './count.ts'
import type { SlowEvent } from './simulator.ts'
import { look, ticks } from './wall.ts'

const MINUTE = 60_000
/** Over the week-end on which New York sets its clocks. */
export const FROM = Date.parse('2026-03-02T00:00Z')
export const WINDOW = 24 * 1440
const FIRST = 3 * 1440
const SPAN = 6 * 1440

const office = ['mon', 'tue', 'wed', 'thu', 'fri'].map((day) => [
  day,
  [
    ['08:00', '12:00'],
    ['13:00', '17:00'],
  ],
])
const night = ['fri', 'sat', 'sun', 'mon'].map((day) => [
  day,
  [
    ['00:00', '06:00'],
    ['22:00', '24:00'],
  ],
])
const CALENDARS = [
  ALWAYS_OPEN,
  Calendar.parse({
    zone: 'Europe/Berlin',
    weekly: Object.fromEntries(office),
    closures: [{ date: '2026-03-09', hours: ['12:00', '24:00'] }],
    openings: [{ date: '2026-03-07', hours: ['10:00', '12:00'] }],
  }),
  Calendar.parse({ zone: 'America/New_York', weekly: Object.fromEntries(night) }),
].map((calendar) => ({
  working: new WorkingTime(calendar),
  open: ticks(look(calendar.zone, FROM, WINDOW), calendar),
}))

/** The same terms, for the one and for the other. */
export interface BothTerms {
  readonly terms: Terms
  readonly slow: SlowTerms
}

const LEVELS: readonly Level[] = [
  { percent: 50, notify: [] },
  { percent: 100, notify: [] },
  { percent: 150, notify: [] },
  { minutesBefore: 30, notify: [] },
]
const WAITING = ['waiting_customer', 'waiting_third_party', 'on_hold'] as const
const METRICS = ['first_response', 'next_response', 'resolution', 'ownership'] as const

function randomTerms({ below, pick, next }: Random): BothTerms {
  const which = below(CALENDARS.length)
  const calendar = CALENDARS[which] ?? CALENDARS[0]
  if (calendar === undefined) throw new Error('there are calendars')
  const minutes = METRICS.flatMap((metric) =>
    next() < 0.15 ? [] : [[metric, 2 * (1 + below(pick([30, 240, 700])))] as const],
  )
  const pauseOn = Object.fromEntries(METRICS.map((metric) => [metric, WAITING.filter(() => next() < 0.4)]))
  const onReopen = pick(['continue', 'continue', 'new_cycle', 'ignore'] as const)
  const reopenWindow = pick([600, 20_160])
  const levels = LEVELS.filter(() => next() < 0.7)
  const targetMs = Object.fromEntries(minutes.map(([metric, value]) => [metric, value * MINUTE]))
  const policyVersion = JSON.stringify([minutes, pauseOn, onReopen, reopenWindow, levels.map(levelKey)])
  const calendarVersion = String(which)
  const { working, open } = calendar
  return {
    terms: {
      policyVersion,
      calendarVersion,
      working,
      targetMs,
      pauseOn,
      levels,
      onReopen,
      reopenWindowMs: reopenWindow * MINUTE,
    },
    slow: {
      name: `${policyVersion} ${calendarVersion}`,
      open,
      targets: Object.fromEntries(minutes),
      pauseOn,
      onReopen,
      reopenWindow,
      levels: (target) => levels.map((level) => [levelKey(level), levelMs(level, target * MINUTE) / MINUTE]),
    },
  }
}

export interface Story {
  readonly events: readonly TicketEvent[]
  readonly slow: readonly SlowEvent[]
  /** Minutes after `FROM`. */
  readonly asOf: number
}

export function randomStory(random: Random): Story {
  const { below, next } = random
  const wide = random.pick([60, 1440, SPAN])
  const minutes = Array.from({ length: 1 + below(12) }, () => FIRST + below(wide)).toSorted((a, b) => a - b)
  const pairs = minutes.map((minute, index) => randomEvent(random, minute, index === 0))
  const [at = FIRST] = minutes.slice(-1)
  const asOf = next() < 0.1 ? at : at + below(random.pick([30, 1440, 3 * 1440]))
  return { events: pairs.map(([event]) => event), slow: pairs.map(([, slow]) => slow), asOf }
}

function randomEvent(random: Random, minute: number, isFirst: boolean): [TicketEvent, SlowEvent] {
  const { pick, next } = random
  const at = FROM + minute * MINUTE
  const type = isFirst ? 'created' : pick(KINDS)
  if (type === 'created' || type === 'terms') {
    const both = next() < 0.12 ? null : randomTerms(random)
    const event: TicketEvent = { at, type, terms: both?.terms ?? null }
    const slow: SlowEvent = { minute, type, terms: both?.slow ?? null }
    return [event, slow]
  }
  if (type !== 'status') {
    const event: TicketEvent = { at, type }
    const slow: SlowEvent = { minute, type }
    return [event, slow]
  }
  const to = pick([...Status.options, 'open', 'resolved', 'waiting_customer'] as const)
  return [
    { at, type, to },
    { minute, type, to },
  ]
}

const KINDS =
  'status status status status public_reply customer_message customer_message terms terms queued accepted'.split(
    ' ',
  ) as ('status' | 'public_reply' | 'customer_message' | 'terms' | 'queued' | 'accepted')[]
