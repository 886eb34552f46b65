/**
 * Moves a ticket's clocks when something happens to it or to its requester, in the transaction in which it happens: from
 * where they stand when it is later than all that is known of the ticket, else by computing the ticket anew from its log.
 */
import type { Clock } from './engine/clock.ts'
import { follow } from './engine/follow.ts'
import type { TicketEvent } from './engine/ticket-event.ts'
import { OPEN_STATUSES } from '@rejoin/shared/statuses.ts'
import type { CommandContext } from '../../core/command.ts'
import type { Event } from '../../core/events.ts'
import {
  candidates,
  changesFacts,
  choose,
  factsOf,
  isSame,
  lastChoiceAt,
  recordChoice,
  type Choice,
} from './clocks/choice.ts'
import { keepTicket, type Fired } from './clocks/keep.ts'
import { clocksBy, creditsComposed, readLog } from './clocks/log.ts'
import { isTelling, readCreation, readEntry, readNothing, type Read } from './clocks/reading.ts'
import { mend } from './clocks/recompute.ts'
import { findStored, type Stored } from './clocks/stored.ts'
import { termsFor, type Chosen } from './clocks/versions.ts'
import { tellOfFired } from './escalation/tell.ts'

export async function moveClocks(context: CommandContext, event: Event): Promise<void> {
  const { subject, subjectId: ticketId, type } = event
  if (type === 'user-organisation-set') await moveClocksOfRequester(context, event)
  if (subject !== 'ticket') return
  if (type === 'ticket-created') startClocks(context, ticketId, event.effectiveAt)
  else if (type === 'backdate-approved') await tellOfFired(context, ticketId, mend(context, ticketId))
  else if (isTelling(event) || changesFacts(event)) {
    const before = findStored(context.tx, ticketId)
    if (before !== null) await tellOfFired(context, ticketId, move(context, before, event))
  }
}

/** The open tickets of somebody of another organisation may fall under another policy from then on. */
async function moveClocksOfRequester(context: CommandContext, { subjectId, effectiveAt }: Event): Promise<void> {
  const { tx } = context
  const rows = await tx
    .selectFrom('ticket')
    .select('id')
    .where('requesterId', '=', subjectId)
    .where('status', 'in', [...OPEN_STATUSES])
    .orderBy('id')
    .execute()
  for (const { id } of rows) {
    const before = findStored(tx, id)
    const next = before && chooseAnew(context, before, effectiveAt)
    if (before !== null && next !== null) await tellOfFired(context, id, moveToChoice(context, before, next))
  }
}

function startClocks(context: CommandContext, ticketId: string, at: number): void {
  const choice = chooseFor(context, ticketId, null)
  recordChoice(context, ticketId, choice, at)
  const clocks = follow(null, { type: 'created', at, terms: termsFor(context.tx, choice) })
  keepTicket(context, [], { ticketId, clocks, reading: readCreation({ effectiveAt: at }), chosen: choice })
}

function move(context: CommandContext, before: Stored, event: Event): Fired[] {
  const { tx } = context
  const { reading } = before
  const said = isTelling(event)
    ? readEntry(event, reading, { creditComposed: creditsComposed(tx, before.chosen) })
    : readNothing(reading)
  const choice = changesFacts(event) ? chooseAnew(context, before, event.effectiveAt) : null
  return follows(context, before, said, choice)
}

function chooseFor({ tx }: CommandContext, ticketId: string, kept: Chosen | null): Choice {
  return choose(tx, candidates(tx), factsOf(tx, ticketId), kept)
}

function chooseAnew(context: CommandContext, { ticketId, chosen }: Stored, at: number): NewChoice | null {
  const choice = chooseFor(context, ticketId, chosen)
  return isSame(choice, chosen) ? null : { choice, at: Math.max(at, lastChoiceAt(context, ticketId)) }
}

interface NewChoice {
  readonly choice: Choice
  readonly at: number
}

/** Another choice for a ticket, from `at` on. */
export function moveToChoice(context: CommandContext, before: Stored, next: NewChoice): Fired[] {
  return follows(context, before, readNothing(before.reading), next)
}

function follows(context: CommandContext, before: Stored, said: Read, next: NewChoice | null): Fired[] {
  const { tx, now } = context
  const { ticketId, rows } = before
  if (next !== null) recordChoice(context, ticketId, next.choice, next.at)
  const chosen = next?.choice ?? before.chosen
  const terms: TicketEvent[] = next === null ? [] : [{ type: 'terms', at: next.at, terms: termsFor(tx, chosen) }]
  const [first, ...rest] = [...said.events, ...terms].toSorted((a, b) => a.at - b.at)
  if (first === undefined) {
    if (said.reading !== before.reading) keepTicket(context, rows, { ...before, reading: said.reading })
    return []
  }
  // What the sweep has found since may have been at another time, or not at all.
  const isSwept = before.clocks.clocks.some((clock) => hasPassedSince(clock, first.at))
  const isLate = said.takesBackFrom !== null || first.at < before.clocks.at || isSwept
  const clocks = isLate ? anew(context, ticketId, now) : [first, ...rest].reduce(follow, before.clocks)
  return keepTicket(context, rows, { ticketId, clocks, reading: said.reading, chosen })
}

function hasPassedSince({ breachAt, crossed }: Clock, at: number): boolean {
  return (breachAt ?? 0) >= at || crossed.some((crossing) => crossing.at >= at)
}

function anew({ tx }: CommandContext, ticketId: string, now: number) {
  const log = readLog(tx, ticketId)
  if (log === null) throw new Error(`The ticket ${ticketId} has no log.`)
  return clocksBy(log, now).clocks
}
