/** How an event moves a ticket and its clocks: one place, however the clocks are computed. */
import type { Terms } from '../terms.ts'
import type { TicketEvent } from '../ticket-event.ts'
import { movesOf, type ClockMove } from './clock-moves.ts'
import { isDone } from './rests.ts'
import type { Known, Standing } from './standing.ts'

/** Moves one clock, which is absent for a start. For a change of terms they are those before and after it. */
export type Mover<Each> = (clock: Each | undefined, move: ClockMove, terms: { from: Terms; to: Terms }) => Each

export function standingAt(createdAt: number): Standing<never> {
  const nothing = { terms: null, isAnswered: false, isAwaited: false, isDropped: false, statuses: [], clocks: [] }
  return { createdAt, at: createdAt, status: 'open', ...nothing }
}

export function advance<Each extends Known>(
  standing: Standing<Each>,
  event: TicketEvent,
  move: Mover<Each>,
): Standing<Each> {
  const after = { ...standingAfter(standing, event), at: event.at }
  const to = after.terms ?? standing.terms
  if (to === null) return after
  const terms = { from: standing.terms ?? to, to }
  const clocks = movesOf(standing, after, event).reduce<readonly Each[]>((known, each) => {
    const isIt = ({ metric, cycle }: Each) => metric === each.metric && cycle === each.cycle
    const clock = known.find(isIt)
    const moved = move(clock, each, terms)
    return clock === undefined ? [...known, moved] : known.map((other) => (isIt(other) ? moved : other))
  }, standing.clocks)
  return { ...after, clocks }
}

function standingAfter<Each extends Known>(standing: Standing<Each>, event: TicketEvent): Standing<Each> {
  switch (event.type) {
    case 'created':
    case 'terms':
      return { ...standing, terms: event.terms }
    case 'status': {
      const { at, to } = event
      const moved = { ...standing, status: to, statuses: [...standing.statuses, { at, to }] }
      return isDone(to) ? { ...moved, isAnswered: true, isAwaited: false } : moved
    }
    case 'public_reply':
      return { ...standing, isAnswered: true, isAwaited: false }
    case 'customer_message':
      return { ...standing, isAwaited: standing.isAnswered }
    case 'dropped':
      return { ...standing, isDropped: true }
    case 'queued':
    case 'accepted':
    case 'excused':
    default:
      return standing
  }
}
