/** The whole log of a ticket as its clocks read it, with the policies that were chosen for it. */
import type { TicketClocks } from '../engine/follow.ts'
import { timeline } from '../engine/timeline.ts'
import type { TicketEvent } from '../engine/ticket-event.ts'
import type { Read as ReadHandle } from '../../../core/storage/db.ts'
import { storedEvent } from '../../../core/events.ts'
import { prepared } from '../../../core/storage/prepared.ts'
import { JUMP_MS } from '../../../core/runtime/steadiness.ts'
import { readCreation, readEntry, readNothing, TELLING, withApprovedTimes, type Reading } from './reading.ts'
import { policyVersion, termsFor, type Chosen } from './versions.ts'

export interface TicketLog {
  readonly events: readonly TicketEvent[]
  readonly reading: Reading
  /** The last choice. */
  readonly chosen: Chosen
}

/** Null when there is no such ticket. */
export function readLog(read: ReadHandle, ticketId: string): TicketLog | null {
  const log = inOrder(entriesOf(read, { ticketId })).map((row) => ({
    ...row,
    told: storedEvent(read, row, TELLING),
  }))
  const [created, ...entries] = withApprovedTimes(log)
  const [first, ...later] = choicesOf(read, { ticketId })
  if (created === undefined || first === undefined) return null
  const choices = Map.groupBy(later, ({ afterEvent }) => afterEvent)
  let chosen: Chosen = first
  let reading = readCreation(created)
  let events: TicketEvent[] = [{ type: 'created', at: created.effectiveAt, terms: termsFor(read, first) }]
  for (const entry of [created, ...entries]) {
    const { told } = entry
    const next =
      told === null ? readNothing(reading) : readEntry(told, reading, { creditComposed: creditsComposed(read, chosen) })
    reading = next.reading
    const { takesBackFrom } = next
    if (takesBackFrom !== null) events = events.filter(({ type, at }) => type !== 'status' || at <= takesBackFrom)
    events.push(...next.events)
    for (const choice of choices.get(entry.id) ?? []) {
      chosen = choice
      events.push({ type: 'terms', at: choice.effectiveAt, terms: termsFor(read, choice) })
    }
  }
  return { events, reading, chosen }
}

interface Timed {
  readonly effectiveAt: number
  readonly recordedAt: number
}

/** An entry recorded after another did not happen before it: where the machine's clock was set back, it is moved on. */
function inOrder<Entry extends Timed>(entries: readonly Entry[]): Entry[] {
  let latest = 0
  return entries.map((entry) => {
    // Smaller steps are those of a clock that is being corrected.
    const lateMs = latest - entry.recordedAt > JUMP_MS ? latest - entry.recordedAt : 0
    latest = Math.max(latest, entry.recordedAt)
    return lateMs === 0 ? entry : { ...entry, effectiveAt: entry.effectiveAt + lateMs }
  })
}

/** The clocks by the log at `now`, or at its last entry where that is said to be later. */
export function clocksBy({ events }: Pick<TicketLog, 'events'>, now: number): { clocks: TicketClocks; asOf: number } {
  const asOf = events.reduce((latest, { at }) => Math.max(latest, at), now)
  return { clocks: timeline(events, asOf), asOf }
}

export function creditsComposed(read: ReadHandle, { policyVersion: id }: Pick<Chosen, 'policyVersion'>): boolean {
  return id !== null && policyVersion(read, id).policy.creditComposed
}

const entriesOf = prepared<{ ticketId: string }>()((read, param) =>
  read
    .selectFrom('event')
    .select(['id', 'type', 'actorId', 'effectiveAt', 'recordedAt', 'payload'])
    .where('subjectId', '=', param('ticketId'))
    .where('subject', '=', 'ticket')
    .orderBy('id'),
)

const choicesOf = prepared<{ ticketId: string }>()((read, param) =>
  read
    .selectFrom('slaChoice')
    .select(['afterEvent', 'effectiveAt', 'recordedAt', 'policyVersion', 'calendarVersion', 'priority'])
    .where('ticketId', '=', param('ticketId'))
    .orderBy('id'),
)
