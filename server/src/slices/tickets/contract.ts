/** The queries about tickets. Their commands are shared with devices: `shared/src/tickets/commands.ts`. */
import { z } from 'zod'
import { declareQuery } from '@rejoin/shared/contract/declare.ts'
import { name } from '@rejoin/shared/names.ts'
import { Priority } from '@rejoin/shared/priority.ts'
import { Status } from '@rejoin/shared/statuses.ts'
import { OnTicket } from '@rejoin/shared/tickets/commands/on-ticket.ts'
import { Comment, Tag, TicketFields, TicketView, WorkLog } from '@rejoin/shared/tickets/ticket.ts'
import { Id, Instant } from '@rejoin/shared/values.ts'
import { pageBy } from '../../core/input/paging.ts'

/** A hundred of the longest comments, and what surrounds them, fit into an answer. */
const MOST = 100
export const NEWEST = 50

const PageCursor = z.strictObject({ seq: z.int(), id: Id })

/** `before`: the `next` of the page before, which leads to older items. */
const OlderOnTicket = OnTicket.extend({
  before: PageCursor.optional(),
  limit: z.int().min(1).max(MOST).default(NEWEST),
})

/** The newest items at the end, and where the page of older ones begins; null where there is none. */
const pageOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item), next: PageCursor.nullable() })

export const get = declareQuery({
  name: 'tickets.get',
  input: OnTicket,
  output: TicketView.extend({ older: z.object({ comments: PageCursor.nullable(), work: PageCursor.nullable() }) }),
  action: 'ticket.read',
  codes: [],
  rest: 'GET /tickets/{ticketId}',
  doc: 'A ticket as the reader may see it, with its newest comments and work logs. `older` says where the older ones begin.',
})

export const comments = declareQuery({
  name: 'tickets.comments',
  input: OlderOnTicket,
  output: pageOf(Comment),
  action: 'ticket.read',
  codes: [],
  rest: 'GET /tickets/{ticketId}/comments',
  doc: 'The comments of a ticket that the reader may see, from the newest page to older ones.',
})

export const work = declareQuery({
  name: 'tickets.work',
  input: OlderOnTicket,
  output: pageOf(WorkLog),
  action: 'ticket.read',
  codes: [],
  rest: 'GET /tickets/{ticketId}/work',
  doc: 'The work logs of a ticket, from the newest page to older ones. Requesters get none.',
})

export const history = declareQuery({
  name: 'tickets.history',
  input: OnTicket.extend(pageBy({ id: z.int() }).shape),
  output: z.array(
    z.object({
      id: z.int(),
      seq: z.int(),
      subject: z.string(),
      subjectId: z.string(),
      type: z.string(),
      actorId: z.string(),
      deviceId: z.string().nullable(),
      effectiveAt: Instant,
      recordedAt: Instant,
      payload: z.record(z.string(), z.unknown()),
    }),
  ),
  action: 'ticket.read',
  codes: [],
  rest: 'GET /tickets/{ticketId}/history',
  doc: 'The events of a ticket, the oldest first. Requesters get the public ones.',
})

const AuthoredText = z.object({
  text: z.string(),
  /** Null where the author is not known. */
  person: z.object({ id: z.string(), name: z.string() }).nullable(),
  /** Null where it was written without a device, or the reader may not know. */
  device: z.object({ id: z.string(), name: z.string().nullable() }).nullable(),
})

export const authors = declareQuery({
  name: 'tickets.authors',
  input: OnTicket,
  output: z.object({ description: z.array(AuthoredText), notes: z.array(AuthoredText) }),
  action: 'ticket.read',
  tokens: false,
  codes: [],
  rest: 'GET /tickets/{ticketId}/authors',
  doc: 'The texts of a ticket in parts by author. Requesters get neither notes nor devices.',
})

export const Summary = TicketFields.pick({
  id: true,
  title: true,
  status: true,
  priority: true,
  type: true,
  departmentId: true,
  requesterId: true,
  assigneeId: true,
  createdAt: true,
  dueAt: true,
}).extend({ number: z.string(), rev: z.int() })

export const TicketFilter = z
  .strictObject({
    status: z.array(Status).min(1).max(Status.options.length).optional(),
    /** True: still somebody's work. False: resolved, closed or cancelled. */
    open: z.boolean().optional(),
    priority: z.array(Priority).min(1).max(Priority.options.length).optional(),
    departmentId: Id.optional(),
    /** Null: unassigned. */
    assigneeId: z.string().nullable().optional(),
    requesterId: z.string().optional(),
    tag: Tag.optional(),
    /** Part of the title or the number. */
    text: name(200).optional(),
    /** Among those of one priority, by when they were created. */
    sort: z.enum(['createdAt', 'dueAt', 'priority', 'rev']).default('createdAt'),
    order: z.enum(['asc', 'desc']).default('desc'),
    limit: z.int().min(1).max(200).default(50),
    /** `next` of the page before. */
    after: z.strictObject({ value: z.number(), id: Id }).optional(),
  })
  .prefault({})
export type TicketFilter = z.output<typeof TicketFilter>

export const list = declareQuery({
  name: 'tickets.list',
  input: TicketFilter,
  output: z.object({
    tickets: z.array(Summary),
    next: z.object({ value: z.number(), id: Id }).nullable(),
  }),
  action: 'ticket.read',
  codes: [],
  rest: 'GET /tickets',
  doc: 'A page of the tickets that the reader may see, by filter and order. `next` leads to the page after it.',
})

export const queue = declareQuery({
  name: 'tickets.queue',
  input: pageBy({ priority: Priority, createdAt: z.number(), id: Id }).prefault({}),
  output: z.array(Summary),
  action: 'ticket.replicate',
  codes: [],
  rest: 'GET /queue',
  doc: 'The reader’s work: their own open tickets and those that they may claim, the most urgent and oldest first.',
})
