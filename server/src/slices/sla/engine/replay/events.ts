/** The events of a vector as the engine takes them: those known by then, at their effective times, with what they imply. */
import { categoryOf, type Status } from '@rejoin/shared/statuses.ts'
import { effectiveTime, MAX_BACKDATE_MS } from '@rejoin/shared/sync/time.ts'
import type { Terms } from '../terms.ts'
import type { TicketEvent } from '../ticket-event.ts'
import type { Defaults, FileEvent, Vector } from './format.ts'

export type Flag = 'clock_suspect' | 'backdate_rejected'

type Rules = Pick<Defaults, 'max_backdate_s' | 'credit_composed'>

interface Timed {
  readonly event: FileEvent
  readonly at: number
  readonly flags: readonly Flag[]
}

/** What of a story cannot have been, with the field; undefined when all of it can. Its first event is the creation. */
export function impossible(
  { events, as_of: asOf }: Pick<Vector, 'events' | 'as_of'>,
  rules: Rules,
): string | undefined {
  const createdAt = creationOf(events, rules)
  const [first] = events
  const knownSince = first === undefined ? 0 : receiptOf(first)
  if (asOf < knownSince) return 'as_of: is before the server learned of the creation'
  for (const [index, event] of events.entries()) {
    const { type, at, offline } = event
    if (index > 0 && type === 'created') return `events.${index}.type: the first event has already created the ticket`
    // What the clock of a device shows may be anything; its time follows from the contacts, within these bounds.
    if (offline === undefined && at < createdAt) return `events.${index}.at: is before the creation of the ticket`
    if (offline === undefined && receiptOf(event) < at) return `events.${index}.received_at: is before the event itself`
    if (receiptOf(event) < knownSince)
      return `events.${index}.${event.received_at === undefined ? 'at' : 'received_at'}: is before the server learned of the creation`
  }
  return undefined
}

/** What the server has been told by `asOf`, by effective time. */
export function knownEvents(events: readonly FileEvent[], asOf: number, rules: Rules): Timed[] {
  const createdAt = creationOf(events, rules)
  return events
    .filter((event) => receiptOf(event) <= asOf)
    .map((event) => timed(event, rules, createdAt))
    .toSorted((a, b) => a.at - b.at)
}

function creationOf([created]: readonly FileEvent[], rules: Rules): number {
  return created === undefined ? 0 : timed(created, rules, 0).at
}

function receiptOf({ at, received_at: receivedAt = at }: FileEvent): number {
  return receivedAt
}

function timed(event: FileEvent, rules: Rules, notBefore: number): Timed {
  const { at: wall, received_at: receivedAt = wall, offline } = event
  if (offline === undefined) return { event, at: wall, flags: [] }
  const { sync_server_time: serverTime, mono_sync_s: monoSync, mono_event_s: mono } = offline
  const isTimed = offline.same_boot && serverTime !== undefined && monoSync !== undefined && typeof mono === 'number'
  // A story knows one skew: the wall clock was as far off before the event as after.
  const steady = { serverTime: wall + offline.skew_s, wall, mono: 0, boot: 'before' }
  const { effectiveAt, clockSuspect, claimedAt } = effectiveTime({
    at: { wall, mono: isTimed ? mono * 1000 : 0, boot: 'away' },
    sent: { wall: receivedAt - offline.skew_s, mono: 0, boot: 'back' },
    contacts: isTimed
      ? [{ serverTime, wall: serverTime - offline.skew_s, mono: monoSync * 1000, boot: 'away' }]
      : [steady],
    receivedAt,
    notBefore,
    maxBackdateMs: offline.max_backdate_s ?? rules.max_backdate_s ?? MAX_BACKDATE_MS,
  })
  const flags: Flag[] = [
    ...(clockSuspect ? (['clock_suspect'] as const) : []),
    ...(claimedAt !== null ? (['backdate_rejected'] as const) : []),
  ]
  const isDelivery = event.type === 'public_reply' && rules.credit_composed !== true
  return { event, at: isDelivery ? receivedAt : effectiveAt, flags }
}

/** `termsOf` tells the terms from an event on that changes the policy, or creates the ticket. */
export function ticketEvents(
  timed: readonly Timed[],
  termsOf: (event: Extract<FileEvent, { type: 'policy' }> | null) => Terms,
): TicketEvent[] {
  let status: Status = 'open'
  return timed.flatMap(({ event, at }): TicketEvent[] => {
    switch (event.type) {
      case 'created':
        return [{ type: 'created', at, terms: termsOf(null) }]
      case 'status':
        status = event.to
        return [{ type: 'status', at, to: status }]
      case 'policy':
        return [{ type: 'terms', at, terms: termsOf(event) }]
      case 'customer_reply': {
        const message = { type: 'customer_message', at } as const
        // A customer's word opens what waits or is resolved.
        if (!['waiting', 'resolved'].includes(categoryOf(status))) return [message]
        status = 'open'
        return [message, { type: 'status', at, to: status }]
      }
      case 'merged':
        return [{ type: 'dropped', at }]
      case 'public_reply':
      case 'queued':
      case 'accepted':
      default:
        return [{ type: event.type, at }]
    }
  })
}
