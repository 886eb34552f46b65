/**
 * What an entry in the log of a ticket says to its clocks. Pure, and the same at run time and when all is computed anew:
 * what has to be known of earlier entries is in `Reading`.
 */
import { categoryOf, type Status } from '@rejoin/shared/statuses.ts'
import type { TicketEvent } from '../engine/ticket-event.ts'
import type { Event } from '../../../core/command.ts'

export type Entry = Pick<Event, 'type' | 'actorId' | 'effectiveAt' | 'recordedAt' | 'payload'>

/** The type of the entry by which work that was too old to count from when it was done does so after all. */
export const BACKDATE_APPROVED = 'backdate-approved'

/** The entries, with their claimed times in the place of their receipt where those were approved later on. */
export function withApprovedTimes<E extends Entry>(entries: readonly E[]): E[] {
  const approved = new Set(
    entries.filter(({ type }) => type === BACKDATE_APPROVED).map(({ payload }) => payload['commandId']),
  )
  return entries.map((entry) => {
    const backdated = entry.payload['backdated'] as { commandId: string; claimedAt: number } | undefined
    if (backdated === undefined || !approved.has(backdated.commandId)) return entry
    return { ...entry, effectiveAt: backdated.claimedAt }
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
  const { type, actorId, payload } = entry
  const at = Math.max(entry.effectiveAt, reading.createdAt)
  const nothing = { reading, events: [], takesBackFrom: null }
  const isAssignee = reading.assigneeId !== null && reading.assigneeId === actorId
  const accepted: TicketEvent[] = isAssignee ? [{ type: 'accepted', at }] : []
  switch (type) {
    case 'ticket-status-changed':
      return readStatus(payload['to'] as Status, at, reading, accepted)
    case 'ticket-resolved-earlier':
      return readStatus('resolved', at, { ...reading, movedAt: Infinity }, [])
    case 'ticket-assigned': {
      const assigneeId = payload['to'] as string
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
      const { metric, cycle } = payload as Pick<Extract<TicketEvent, { type: 'excused' }>, 'metric' | 'cycle'>
      return { ...nothing, events: [{ type: 'excused', metric, cycle, at }] }
    }
    default:
      return nothing
  }
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
function readComment({ payload, recordedAt }: Entry, at: number, creditComposed: boolean): TicketEvent[] {
  if (payload['visibility'] !== 'public') return []
  if (payload['byRequester'] === true) return [{ type: 'customer_message', at }]
  return [{ type: 'public_reply', at: creditComposed ? at : Math.max(at, recordedAt) }]
}
