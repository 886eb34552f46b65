/**
 * The clocks of a ticket at run time: each event moves them from where they stand, without a look at earlier events.
 */
import type { Clock } from './clock.ts'
import { fireClock } from './clocks/crossings.ts'
import type { ClockMove } from './clocks/clock-moves.ts'
import { advance, standingAt } from './clocks/advance.ts'
import type { Standing } from './clocks/standing.ts'
import * as move from './clocks/transitions.ts'
import type { Terms } from './terms.ts'
import type { TicketEvent } from './ticket-event.ts'

export type TicketClocks = Standing<Clock>

/**
 * Where the ticket stands after `event`, which is its first where `ticket` is null. Throws a `RangeError` when the
 * event is earlier than the last one: then the whole timeline is to be computed anew.
 */
export function follow(ticket: TicketClocks | null, event: TicketEvent): TicketClocks {
  const standing = ticket ?? standingAt(event.at)
  if (event.at < standing.at) throw new RangeError('An event that is earlier than the last one cannot be followed.')
  return advance<Clock>(standing, event, moved)
}

/** All that its clocks passed before `now`, as a sweep records it. */
export function fired(ticket: TicketClocks, now: number): TicketClocks {
  const { terms } = ticket
  return terms === null ? ticket : { ...ticket, clocks: ticket.clocks.map((clock) => fireClock(clock, terms, now)) }
}

function moved(clock: Clock | undefined, { kind, at, ...which }: ClockMove, terms: { from: Terms; to: Terms }): Clock {
  if (clock === undefined) return move.startClock({ ...which, at }, terms.to)
  switch (kind) {
    case 'pause':
      return move.pauseClock(clock, terms.to, at)
    case 'resume':
      return move.resumeClock(clock, terms.to, at)
    case 'stop':
      return move.stopClock(clock, terms.to, at)
    case 'reopen':
      return move.reopenClock(clock, terms.to, at)
    case 'retarget':
      return move.retargetClock(clock, terms, at)
    case 'cancel':
      return move.cancelClock(clock, terms.from, at)
    case 'excuse':
      return move.excuseClock(clock, at)
    case 'start':
    default:
      throw new Error(`The clock ${which.metric} ${which.cycle} runs already.`)
  }
}
