/** The ticket: its fields, its comments and work logs, and the view of it that documents carry and screens show. */
import { z } from 'zod'
import { composed, name } from '../names.ts'
import { Priority } from '../priority.ts'
import { Status } from '../statuses.ts'
import { ClockTerms } from '../sla/clock-view.ts'
import { ClockView } from '../sla/metric.ts'
import { Id, Instant } from '../values.ts'

export const TicketType = z.enum(['incident', 'request', 'question', 'problem'])
export type TicketType = z.infer<typeof TicketType>

export const Source = z.enum(['web', 'api', 'email', 'agent', 'import'])
export type Source = z.infer<typeof Source>

export const Visibility = z.enum(['public', 'internal'])
export type Visibility = z.infer<typeof Visibility>

/** Half of a surrogate pair becomes U+FFFD: nobody can write it down, and no other replica would have it. */
const text = (max: number) =>
  z
    .string()
    .overwrite((typed) => typed.toWellFormed())
    .max(max)

export const Title = name(300)
export const Body = text(20_000).refine((body) => body.trim() !== '', 'must not be empty')
/** Small letters can compose where capital ones do not. */
export const Tag = name(60).toLowerCase().overwrite(composed)
/** The most tags of one ticket. */
export const MAX_TAGS = 50
export const Reason = name(1000)
export const Description = text(100_000)
export const CategoryName = name(120)
export const Site = name(200)
/** The name of the organisation that a person belongs to. */
export const Organisation = name(200)

/** A required skill and the lowest level, 1–5, that will do. */
export const Skill = z.strictObject({ name: name(60), level: z.int().min(1).max(5) })
export type Skill = z.infer<typeof Skill>

export const CustomFields = z.record(
  z.string().regex(/^[a-z][a-zA-Z0-9_]{0,59}$/, 'a custom field is named by letters, digits and _'),
  z.union([text(2000), z.number(), z.boolean(), z.null()]),
)
export type CustomFields = z.infer<typeof CustomFields>

/** The fields whose concurrent changes are settled by the later effective time (see `merge.ts`). */
export const EditableFields = z
  .strictObject({
    title: Title,
    priority: Priority,
    type: TicketType,
    category: CategoryName.nullable(),
    subcategory: CategoryName.nullable(),
    dueAt: Instant.nullable(),
    estimateMinutes: z.int().min(0).max(100_000).nullable(),
    site: Site.nullable(),
    skills: z.array(Skill).max(20),
    custom: CustomFields,
    /** The whole text; the server merges the difference to what it has. Devices send `text.write` instead. */
    description: Description,
  })
  .partial()
export type EditableFields = z.infer<typeof EditableFields>

export const Comment = z.object({
  id: Id,
  authorId: z.string(),
  authorName: z.string(),
  body: z.string(),
  visibility: Visibility,
  /** When it was written (effective time). */
  createdAt: Instant,
})
export type Comment = z.infer<typeof Comment>

export const WorkLog = z.object({
  id: Id,
  authorId: z.string(),
  authorName: z.string(),
  minutes: z.int(),
  note: z.string().nullable(),
  createdAt: Instant,
})
export type WorkLog = z.infer<typeof WorkLog>

export const Watcher = z.object({ userId: z.string(), reason: z.enum(['requested', 'chosen', 'added']) })
export type Watcher = z.infer<typeof Watcher>

export const TicketFields = z.object({
  id: Id,
  /** `TKT-0042`; null until the server has given it one. */
  number: z.string().nullable(),
  title: z.string(),
  status: Status,
  statusReason: z.string().nullable(),
  priority: Priority,
  type: TicketType,
  category: z.string().nullable(),
  subcategory: z.string().nullable(),
  departmentId: z.string().nullable(),
  requesterId: z.string(),
  requesterName: z.string(),
  assigneeId: z.string().nullable(),
  assigneeName: z.string().nullable(),
  tags: z.array(z.string()),
  watchers: z.array(Watcher),
  skills: z.array(Skill),
  estimateMinutes: z.int().nullable(),
  dueAt: Instant.nullable(),
  site: z.string().nullable(),
  custom: CustomFields,
  resolution: z.string().nullable(),
  source: Source,
  escalationLevel: z.int(),
  reopenCount: z.int(),
  createdAt: Instant,
  startedAt: Instant.nullable(),
  firstRespondedAt: Instant.nullable(),
  resolvedAt: Instant.nullable(),
  closedAt: Instant.nullable(),
  clocks: z.array(ClockView),
  /** The terms by which the clocks run; null without a policy, and in the requester's view. */
  clockTerms: ClockTerms.nullable().default(null),
})
export type TicketFields = z.infer<typeof TicketFields>

/** A ticket as a person with full sight of it sees it; the JSON value of its document. */
export const TicketView = TicketFields.extend({
  description: z.string(),
  notes: z.string(),
  comments: z.array(Comment),
  work: z.array(WorkLog),
})
export type TicketView = z.infer<typeof TicketView>
