/** Opening a ticket. */
import { z } from 'zod'
import type { Acting } from '../../contract/on-device.ts'
import { Priority } from '../../priority.ts'
import {
  CategoryName,
  CustomFields,
  Description,
  MAX_TAGS,
  Site,
  Skill,
  Tag,
  TicketType,
  Title,
  type TicketView,
} from '../ticket.ts'
import { Id, Instant } from '../../values.ts'
import { declare } from './on-ticket.ts'

const CreateTicket = z.strictObject({
  /** Minted by the author (UUIDv7), so that a ticket created offline cannot be created twice. */
  ticketId: Id,
  title: Title,
  description: Description.default(''),
  priority: Priority.default('medium'),
  type: TicketType.default('incident'),
  category: CategoryName.optional(),
  subcategory: CategoryName.optional(),
  tags: z.array(Tag).max(MAX_TAGS).default([]),
  departmentId: Id.optional(),
  /** Who asked, when it is not the author; staff only. */
  requesterId: z.string().optional(),
  dueAt: Instant.optional(),
  estimateMinutes: z.int().min(0).max(100_000).optional(),
  site: Site.optional(),
  skills: z.array(Skill).max(20).default([]),
  custom: CustomFields.default({}),
})

export const createTicket = declare({
  name: 'ticket.create',
  input: CreateTicket,
  output: z.object({ ticketId: Id, number: z.string() }),
  // And `ticket.create-for-others` for another requester, which the server asks as well.
  action: 'ticket.create',
  codes: ['department-disabled', 'too-large'],
  mints: 'ticketId',
  buildsOn: { changes: ['document'], needs: [] },
  // A ticket that is there stands as it is: the server answers the second one with `id-taken`.
  predict: () => ({}),
  creates: createdView,
  rest: 'POST /tickets',
  answer: 'tickets.get',
  doc: 'Opens a ticket. Without a department it goes to the author’s own, or to the default one of the workspace.',
})

function createdView(input: z.output<typeof CreateTicket>, { actor, at }: Acting): TicketView {
  const own = input.requesterId === undefined || input.requesterId === actor.id
  return {
    id: input.ticketId,
    number: null,
    title: input.title,
    status: 'open',
    statusReason: null,
    priority: input.priority,
    type: input.type,
    category: input.category ?? null,
    subcategory: input.subcategory ?? null,
    departmentId: input.departmentId ?? actor.departments[0] ?? null,
    requesterId: input.requesterId ?? actor.id,
    requesterName: own ? actor.name : '',
    assigneeId: null,
    assigneeName: null,
    tags: [...new Set(input.tags)].toSorted(),
    watchers: [],
    skills: input.skills,
    estimateMinutes: input.estimateMinutes ?? null,
    dueAt: input.dueAt ?? null,
    site: input.site ?? null,
    custom: input.custom,
    resolution: null,
    source: 'agent',
    escalationLevel: 0,
    reopenCount: 0,
    createdAt: at,
    startedAt: null,
    firstRespondedAt: null,
    resolvedAt: null,
    closedAt: null,
    clocks: [],
    clockTerms: null,
    description: input.description,
    notes: '',
    comments: [],
    work: [],
  }
}
