/**
 * What an entry in the log of a ticket says to its clocks. Pure, and the same at run time and when all is computed anew:
 * what has to be known of earlier entries is in `Reading`.
 */
import { categoryOf, type Status } from '@rejoin/shared/statuses.ts'
import type { Doubts, Event } from '../../../core/events.ts'
import { ticketEvents } from '../../tickets/events.ts'
import type { TicketEvent } from '../engine/ticket-event.ts'
import { slaEvents } from '../events.ts'

/** The events that say something to clocks: the first of a ticket, and those that `readEntry` reads. */
export const TELLING = {
  'ticket-created': ticketEvents['ticket-created'],
  'ticket-status-changed': ticketEvents['ticket-status-changed'],
  'ticket-resolved-earlier': ticketEvents['ticket-resolved-earlier'],
  'ticket-assigned': ticketEvents['ticket-assigned'],
  'ticket-unassigned': ticketEvents['ticket-unassigned'],
  'work-logged': ticketEvents['work-logged'],
  'comment-added': ticketEvents['comment-added'],
  'sla-excused': slaEvents['sla-excused'],
  /** Work that was too old to count from when it was done does so after all. */
  'backdate-approved': ticketEvents['backdate-approved'],
}

type Telling = Event<keyof typeof TELLING>

/** What clocks read of an event, whether it happens now or stands in the log. */
export type Entry<Each extends Telling = Telling> = Each extends Telling
  ? Pick<Each, 'type' | 'actorId' | 'effectiveAt' | 'recordedAt' | 'payload'>
  : never

export function isTelling(event: Event): event is Telling {
  return Object.hasOwn(TELLING, event.type)
}

interface Claimed {
  readonly effectiveAt: number
  /** Null where it says nothing to clocks, or is damaged. */
  readonly told: (Entry & { readonly doubts: Doubts }) | null
}

/** The entries, with their claimed times in the place of their receipt where those were approved later on. */
export function withApprovedTimes<E extends Claimed>(entries: readonly E[]): E[] {
  const approved = new Set(
    entries.flatMap(({ told }) => (told?.type === 'backdate-approved' ? told.payload.commandId : [])),
  )
  return entries.map((entry) => {
    const { backdated } = entry.told?.doubts ?? {}
    if (entry.told === null || backdated === undefined || !approved.has(backdated.commandId)) return entry
    const effectiveAt = backdated.claimedAt
    return { ...entry, effectiveAt, told: { ...entry.told, effectiveAt } }
  })
}

export interface Reading {
  readonly createdAt: number
  readonly assigneeId: string | null
  /** When the status last changed (effective). */
  readonly movedAt: number
}

export interface Read {
  readonly reading: Reading
  readonly events: readonly TicketEvent[]
  /** The ticket was done then already: moves after it, recorded before it was known, do not count. */
  readonly takesBackFrom: number | null
}

export function readCreation({ effectiveAt }: Pick<Entry, 'effectiveAt'>): Reading {
  return { createdAt: effectiveAt, assigneeId: null, movedAt: effectiveAt }
}

/** `creditComposed`: replies count from when they were written. */
export function readEntry(entry: Entry, reading: Reading, { creditComposed }: { creditComposed: boolean }): Read {
  const { actorId } = entry
  const at = Math.max(entry.effectiveAt, reading.createdAt)
  const nothing = readNothing(reading)
  const isAssignee = reading.assigneeId !== null && reading.assigneeId === actorId
  const accepted: TicketEvent[] = isAssignee ? [{ type: 'accepted', at }] : []
  switch (entry.type) {
    case 'ticket-status-changed':
      return readStatus(entry.payload.to, at, reading, accepted)
    case 'ticket-resolved-earlier':
      return readStatus('resolved', at, { ...reading, movedAt: Infinity }, [])
    case 'ticket-assigned': {
      const assigneeId = entry.payload.to
      return {
        ...nothing,
        reading: { ...reading, assigneeId },
        events: assigneeId === actorId ? [{ type: 'accepted', at }] : [],
      }
    }
    case 'ticket-unassigned':
      return { ...nothing, reading: { ...reading, assigneeId: null }, events: [{ type: 'queued', at }] }
    case 'work-logged':
      return { ...nothing, events: accepted }
    case 'comment-added':
      return { ...nothing, events: [...readComment(entry, at, creditComposed), ...accepted] }
    case 'sla-excused': {
      const { metric, cycle } = entry.payload
      return { ...nothing, events: [{ type: 'excused', metric, cycle, at }] }
    }
    case 'ticket-created':
    case 'backdate-approved':
      break
  }
  return nothing
}

export function readNothing(reading: Reading): Read {
  return { reading, events: [], takesBackFrom: null }
}

/**
 * What ends the work counts from when it was done. Any other move starts from where the ticket stood when the server
 * learned of it, so it counts from the last move known by then.
 */
function readStatus(to: Status, at: number, reading: Reading, accepted: TicketEvent[]): Read {
  const isEnd = ['resolved', 'closed'].includes(categoryOf(to))
  const movedAt = isEnd ? at : Math.max(at, reading.movedAt)
  const starts = to === 'in_progress' ? accepted : []
  return {
    reading: { ...reading, movedAt },
    events: [{ type: 'status', to, at: movedAt }, ...starts],
    takesBackFrom: isEnd && at < reading.movedAt ? at : null,
  }
}

/** The requester could not read a reply before it was delivered. */
function readComment(
  { payload, recordedAt }: Entry<Event<'comment-added'>>,
  at: number,
  creditComposed: boolean,
): TicketEvent[] {
  if (payload.visibility !== 'public') return []
  if (payload.byRequester) return [{ type: 'customer_message', at }]
  return [{ type: 'public_reply', at: creditComposed ? at : Math.max(at, recordedAt) }]
}
