/**
 * Whole stories of tickets, at random: the engine's formulas give the same as a simulator that counts minute by minute,
 * and the state it carries along at run time, with sweeps at any moments, equals the state computed from all events.
 */
import { expect, it } from 'vitest'
import { elapsedAt, type Clock } from '@rejoin/server/slices/sla/engine/clock.ts'
import { slaChanges, slaEventsOf } from '@rejoin/server/slices/sla/engine/clocks/sla-events.ts'
import { fired, follow, type TicketClocks } from '@rejoin/server/slices/sla/engine/follow.ts'
import type { TicketEvent } from '@rejoin/server/slices/sla/engine/ticket-event.ts'
import { timeline } from '@rejoin/server/slices/sla/engine/timeline.ts'
import { randomFrom, type Random } from '../harness/random.ts'
import type { SlowClock } from './oracle/count.ts'
import { simulate } from './oracle/simulator.ts'
import { FROM, randomStory, WINDOW } from './oracle/stories.ts'

const MINUTE = 60_000
const STORIES = 2400

it('counts what a simulator counts minute by minute', () => {
  for (let seed = 0; seed < STORIES / 3; seed++) {
    const { events, slow, asOf } = randomStory(randomFrom(seed))
    const ticket = timeline(events, FROM + asOf * MINUTE)
    expect(inMinutes(ticket, asOf), `seed ${seed}`).toEqual(simulate(slow, asOf, WINDOW))
  }
})

function inMinutes({ clocks, terms }: TicketClocks, asOf: number): SlowClock[] {
  const minute = (at: number | null) => (at === null ? null : (at - FROM) / MINUTE)
  return clocks.map((clock) => ({
    metric: clock.metric,
    cycle: clock.cycle,
    state: clock.state,
    start: minute(clock.startAt) ?? 0,
    elapsed: (terms === null ? clock.elapsedMs : elapsedAt(clock, terms.working, FROM + asOf * MINUTE)) / MINUTE,
    due: minute(clock.dueAt),
    stop: minute(clock.stopAt),
    breach: minute(clock.breachAt),
    cause: ['resume', 'reopen'].includes(clock.breachCause ?? '') ? 'later' : clock.breachCause,
    levels: clock.crossed
      .filter(({ at, generation }) => at >= (clock.segments[generation]?.from ?? 0))
      .map(({ level, at }) => `${level}@${minute(at)}`),
  }))
}

it('takes events in any order', () => {
  for (let seed = 0; seed < 100; seed++) {
    const { events, asOf } = randomStory(randomFrom(seed))
    // Events of one instant have an order of their own.
    const apart = events.map((event, index) => ({ ...event, at: event.at + index }))
    const now = FROM + (asOf + 1) * MINUTE
    expect(timeline(apart.toReversed(), now), `seed ${seed}`).toEqual(timeline(apart, now))
  }
})

it('carries along at run time what it computes from all events, to the byte', () => {
  for (let seed = 0; seed < STORIES; seed++) {
    const random = randomFrom(seed)
    const events = withEvents(randomStory(random).events, random)
    const asOf = (events.at(-1)?.at ?? 0) + random.below(random.pick([1, 3 * 1440 * MINUTE]))
    expect(JSON.stringify(atRunTime(events, asOf, random)), `seed ${seed}`).toBe(JSON.stringify(timeline(events, asOf)))
  }
})

/** Sweeps run between the events, and beyond an event that comes late. */
function atRunTime(
  events: readonly TicketEvent[],
  asOf: number,
  { next, below }: Random,
  note: (before: TicketClocks | null, after: TicketClocks) => void = () => {},
): TicketClocks {
  let ticket: TicketClocks | null = null
  const become = (after: TicketClocks) => {
    note(ticket, after)
    ticket = after
  }
  for (const event of events) {
    if (ticket !== null && next() < 0.7) become(fired(ticket, event.at))
    if (ticket !== null && next() < 0.4) become(fired(ticket, Math.min(event.at + below(72 * 60 * MINUTE), asOf)))
    become(follow(ticket, event))
  }
  if (ticket === null) throw new Error('there is an event')
  become(fired(ticket, asOf))
  return ticket
}

/** To the millisecond, with events that the simulator does not know: an excuse, and the end of the ticket. */
function withEvents(events: readonly TicketEvent[], { below, next }: Random): TicketEvent[] {
  const moved = events.map((event) => ({ ...event, at: event.at + below(MINUTE) }))
  const last = moved.at(-1)?.at ?? 0
  if (next() < 0.2) moved.push({ type: 'excused', metric: 'resolution', cycle: 1, at: last + below(MINUTE) })
  if (next() < 0.1) moved.push({ type: 'dropped', at: last + MINUTE })
  if (next() < 0.1) moved.push({ type: 'status', to: 'open', at: last + 2 * MINUTE })
  const [created, ...rest] = moved
  if (created === undefined) return []
  return [created, ...rest.map((event) => ({ ...event, at: Math.max(event.at, created.at) }))].toSorted(
    (a, b) => a.at - b.at,
  )
}

it('logs what was added and taken back, so that the log of a clock is that of its last state', () => {
  for (let seed = 0; seed < 400; seed++) {
    const random = randomFrom(seed)
    const events = withEvents(randomStory(random).events, random)
    const asOf = (events.at(-1)?.at ?? 0) + random.below(1440 * MINUTE)
    const log = new Map<string, string[]>()
    const final = atRunTime(events, asOf, random, (before, after) => {
      for (const clock of after.clocks) {
        const isIt = ({ metric, cycle }: Clock) => metric === clock.metric && cycle === clock.cycle
        const { added, retracted } = slaChanges(before?.clocks.find(isIt) ?? null, clock)
        const gone = retracted.map((event) => JSON.stringify(event))
        // Events of the ticket are never retracted; only a time that ran out may turn out not to have.
        expect(retracted.filter(({ kind }) => kind !== 'level' && kind !== 'breach')).toEqual([])
        const kept = (log.get(clock.metric + clock.cycle) ?? []).filter((event) => !gone.includes(event))
        log.set(clock.metric + clock.cycle, [...kept, ...added.map((event) => JSON.stringify(event))])
      }
    })
    for (const clock of final.clocks) {
      const told = slaEventsOf(clock).map((event) => JSON.stringify(event))
      expect(log.get(clock.metric + clock.cycle)?.toSorted(), `seed ${seed}`).toEqual(told.toSorted())
    }
  }
})
