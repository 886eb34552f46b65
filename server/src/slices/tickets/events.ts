/** The events of tickets. Each says whether the requester reads it in the ticket's history. */
import { z } from 'zod'
import { Priority } from '@rejoin/shared/priority.ts'
import { Status } from '@rejoin/shared/statuses.ts'
import { Visibility } from '@rejoin/shared/tickets/ticket.ts'
import { about, type Declaration, type EventsOf } from '../../core/events.ts'

export interface OnTicket<Payload extends object> extends Declaration<'ticket', Payload> {
  /** A public event whose payload says `visibility: 'internal'` is internal too. */
  readonly visibility: Visibility
}

function onTicket<Payload extends object>(visibility: Visibility, payload: z.ZodType<Payload>): OnTicket<Payload> {
  return { ...about('ticket', payload), visibility }
}

const id = z.string()
const fields = z.record(z.string(), z.unknown())
const tag = z.object({ tag: z.string() })
const watcher = z.object({ userId: id })

export const ticketEvents = {
  'ticket-created': onTicket('public', z.object({ number: z.string(), title: z.string(), priority: Priority })),
  'ticket-status-changed': onTicket(
    'public',
    z.object({ from: Status, to: Status, reason: z.string().nullable(), resolution: z.string().nullable() }),
  ),
  /** Resolved by two people: the earlier time counts. */
  'ticket-resolved-earlier': onTicket('internal', z.object({ from: z.number().nullable(), to: z.number(), by: id })),
  'ticket-assigned': onTicket('public', z.object({ from: id.nullable(), to: id })),
  'ticket-unassigned': onTicket('internal', z.object({ from: id.nullable(), to: z.null() })),
  /** To another department. */
  'ticket-moved': onTicket('internal', z.object({ from: id.nullable(), to: id.nullable() })),
  'ticket-edited': onTicket('internal', z.object({ from: fields, to: fields })),
  /** Values that lost against a concurrent change. */
  'ticket-edit-superseded': onTicket('internal', z.object({ lost: fields })),
  'text-written': onTicket('internal', z.object({ texts: z.array(z.string()).readonly() })),
  'comment-added': onTicket(
    'public',
    z.object({ commentId: id, visibility: Visibility, byRequester: z.boolean().default(false) }),
  ),
  'work-logged': onTicket('internal', z.object({ workId: id, minutes: z.number() })),
  'tag-added': onTicket('internal', tag),
  'tag-removed': onTicket('internal', tag),
  'watcher-added': onTicket('internal', watcher),
  'watcher-removed': onTicket('internal', watcher),
  /** Work that arrived too late counts from when it was done after all. */
  'backdate-approved': onTicket(
    'internal',
    z.object({ commandId: id, name: z.string(), authorId: id, countedFrom: z.number(), claimedAt: z.number() }),
  ),
}

declare module '../../core/events.ts' {
  interface Events extends EventsOf<typeof ticketEvents> {}
}
