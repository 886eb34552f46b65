/** Why a clock says what it says: in words that settle a dispute, and with sums that add up. */
import { expect, it } from 'vitest'
import { Calendar } from '@rejoin/shared/sla/calendar.ts'
import { explain } from '@rejoin/server/slices/sla/engine/explain.ts'
import { explanationText } from '@rejoin/server/slices/sla/engine/explain/text.ts'
import { DEFAULT_POLICY, termsOf, type Terms } from '@rejoin/server/slices/sla/engine/terms.ts'
import type { TicketEvent } from '@rejoin/server/slices/sla/engine/ticket-event.ts'
import { timeline } from '@rejoin/server/slices/sla/engine/timeline.ts'
import { DEFAULT_LEVELS } from '@rejoin/server/slices/sla/engine/policy.ts'
import { WorkingTime } from '@rejoin/shared/sla/working-time.ts'
import { randomFrom } from '../harness/random.ts'
import { FROM, randomStory } from './oracle/stories.ts'

const HOUR = 3_600_000

const week = ['mon', 'tue', 'wed', 'thu', 'fri'].map((day) => [day, [['09:00', '17:00']]])
const NEW_YORK = Calendar.parse({ zone: 'America/New_York', weekly: Object.fromEntries(week) })
const working = new WorkingTime(NEW_YORK)

function terms(hours: number): Terms {
  const policy = { ...DEFAULT_POLICY, levels: [...DEFAULT_LEVELS] }
  const versions = { policyVersion: `${hours} hours`, calendarVersion: 'New York 1', working }
  return { ...termsOf(policy, 'urgent', versions), targetMs: { resolution: hours * HOUR } }
}

function told(events: readonly TicketEvent[], asOf: string): string {
  const ticket = timeline(events, Date.parse(asOf))
  const [clock] = ticket.clocks
  if (clock === undefined || ticket.terms === null) throw new Error('there is no clock')
  return explanationText(explain(clock, ticket.terms, Date.parse(asOf)))
}

const at = (text: string) => Date.parse(text)
const created: TicketEvent = { type: 'created', at: at('2026-03-06T16:30:00-05:00'), terms: terms(8) }

it('tells a supervisor each span, pause, change and level, and the arithmetic', () => {
  const story: readonly TicketEvent[] = [
    created,
    { type: 'status', to: 'waiting_customer', at: at('2026-03-09T11:00:00-04:00') },
    { type: 'status', to: 'open', at: at('2026-03-09T15:20:30-04:00') },
    { type: 'terms', terms: terms(4), at: at('2026-03-09T16:00:00-04:00') },
    { type: 'status', to: 'resolved', at: at('2026-03-10T10:30:00-04:00') },
  ]
  expect(told(story, '2026-03-11T08:00:00-04:00')).toBe(`resolution, cycle 1: breached
Calendar in America/New_York; all times are in this zone, as of Wed 2026-03-11 08:00:00 -04:00.

Fri 2026-03-06 16:30:00 -05:00  starts
Fri 2026-03-06 16:30:00 -05:00  target 8 h, counted from the start (policy 8 hours, calendar New York 1)
Mon 2026-03-09 16:00:00 -04:00  target 4 h, counted from the start (policy 4 hours, calendar New York 1)

Fri 2026-03-06 16:30:00 -05:00 – Fri 2026-03-06 17:00:00 -05:00  worked  + 30 min = 30 min
Fri 2026-03-06 17:00:00 -05:00 – Mon 2026-03-09 09:00:00 -04:00  closed
Mon 2026-03-09 09:00:00 -04:00 – Mon 2026-03-09 11:00:00 -04:00  worked  + 2 h = 2 h 30 min
Mon 2026-03-09 11:00:00 -04:00 – Mon 2026-03-09 15:20:30 -04:00  paused  4 h 20 min 30 s of working time not counted
Mon 2026-03-09 15:20:30 -04:00 – Mon 2026-03-09 17:00:00 -04:00  worked  + 1 h 39 min 30 s = 4 h 9 min 30 s
Mon 2026-03-09 17:00:00 -04:00 – Tue 2026-03-10 09:00:00 -04:00  closed
Tue 2026-03-10 09:00:00 -04:00 – Tue 2026-03-10 10:30:00 -04:00  worked  + 1 h 30 min = 5 h 39 min 30 s
Tue 2026-03-10 10:30:00 -04:00  stopped

Used 5 h 39 min 30 s of 4 h: 1 h 39 min 30 s over.
Pauses took out 4 h 20 min 30 s of working time.
Due Mon 2026-03-09 16:50:30 -04:00: the moment when the target is used up.
Stopped Tue 2026-03-10 10:30:00 -04:00, after the deadline.
Breached Mon 2026-03-09 16:50:30 -04:00: the deadline passed while the clock was running.
Level 50 %, at 2 h: Mon 2026-03-09 10:30:00 -04:00, passed Mon 2026-03-09 16:00:00 -04:00.
Level 75 %, at 3 h: Mon 2026-03-09 15:50:30 -04:00, passed Mon 2026-03-09 16:00:00 -04:00.
Level 100 %, at 4 h: Mon 2026-03-09 16:50:30 -04:00, passed Mon 2026-03-09 16:50:30 -04:00.
Level 150 %, at 6 h: Tue 2026-03-10 10:50:30 -04:00.
`)
})

it('says of a paused clock what is left, and that there is no deadline now', () => {
  const paused: TicketEvent = { type: 'status', to: 'waiting_customer', at: at('2026-03-06T16:45:00-05:00') }
  const text = told([created, paused], '2026-03-09T10:00:00-04:00')
  expect(text).toMatch(/^resolution, cycle 1: paused, with 7 h 45 min left\n/)
  expect(text).toMatch(/\n.* {2}paused {2}1 h 15 min of working time not counted\n/)
  expect(text).toMatch(/\nNo deadline now\.\nLevel 50 %, at 4 h: not while paused\.\n/)
})

it('says why a breach came later than the deadline', () => {
  const resolved: TicketEvent = { type: 'status', to: 'resolved', at: at('2026-03-09T16:30:00-04:00') }
  const reopened: TicketEvent = { type: 'status', to: 'in_progress', at: at('2026-03-10T12:00:00-04:00') }
  const text = told([created, resolved, reopened], '2026-03-10T13:00:00-04:00')
  expect(text).toMatch(/^resolution, cycle 1: breached, and overdue now\n/)
  expect(text).toMatch(/\nDue Mon 2026-03-09 16:30:00 -04:00: /)
  expect(text).toMatch(
    /\nBreached Tue 2026-03-10 12:00:00 -04:00: .* when the clock stopped, and the ticket was reopened\.\n/,
  )
})

it('leaves no gap, and adds up to what was used', () => {
  for (let seed = 0; seed < 300; seed++) {
    const { events, asOf } = randomStory(randomFrom(seed))
    const now = FROM + asOf * 60_000
    const ticket = timeline(events, now)
    for (const clock of ticket.clocks) {
      // One that ended before the last change is measured by terms that the ticket has no more.
      const last = clock.segments.at(-1)
      const { policyVersion, calendarVersion } = ticket.terms ?? {}
      if (ticket.terms === null || last?.policyVersion !== policyVersion || last?.calendarVersion !== calendarVersion)
        continue
      const { stretches, elapsedMs, startAt, stopAt } = explain(clock, ticket.terms, now)
      const end = stretches.reduce((at, { from, until }) => (at === from ? until : Number.NaN), startAt)
      const worked = stretches.filter(({ kind }) => kind === 'worked').reduce((total, { workMs }) => total + workMs, 0)
      expect({ seed, end, worked }).toEqual({ seed, end: stopAt ?? now, worked: elapsedMs })
    }
  }
})
