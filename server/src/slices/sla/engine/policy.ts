/**
 * Policies: which tickets have which targets, by which calendar, and who hears when time runs out. A policy is a value:
 * a change makes another version. The first rule that matches, in the order of the policies, decides.
 */
import { z } from 'zod'
import { Priority } from '@rejoin/shared/priority.ts'
import { categoryOf, Status } from '@rejoin/shared/statuses.ts'
import { name } from '@rejoin/shared/names.ts'
import { CategoryName, Organisation, Tag, TicketType } from '@rejoin/shared/tickets/ticket.ts'
import { Id } from '@rejoin/shared/values.ts'
import { Metric } from '@rejoin/shared/sla/metric.ts'

const anyOf = <Value extends z.ZodType>(value: Value) => z.array(value).min(1).max(200)

/** All conditions that a rule names must hold, each by any of its values; one that names none matches every ticket. */
export const Rule = z
  .strictObject({
    priority: anyOf(Priority),
    category: anyOf(CategoryName),
    departmentId: anyOf(z.string().min(1)),
    /** The requester's organisation, in capital letters or not. */
    organisation: anyOf(Organisation),
    tags: anyOf(Tag),
    type: anyOf(TicketType),
    /** Values by the name of the custom field. */
    custom: z.record(z.string().min(1), anyOf(z.union([z.string(), z.number(), z.boolean()]))),
  })
  .partial()
export type Rule = z.infer<typeof Rule>

export const Recipient = z.union(
  [
    z.enum(['assignee', 'lead', 'department']),
    z.strictObject({ role: z.enum(['admin', 'supervisor', 'agent']) }),
    z.strictObject({ userId: Id }),
    z.strictObject({
      webhook: z.url({ protocol: /^https?$/, error: 'must be an address such as https://example.com/hook' }),
    }),
  ],
  'must be assignee, lead, department, or an object with a role, a userId or a webhook (http or https)',
)
export type Recipient = z.infer<typeof Recipient>

const escalation = {
  notify: z.array(Recipient).max(20).default([]),
  /** The ticket has at least this priority from then on. */
  raisePriority: Priority.optional(),
  reassign: z
    .union(
      [z.literal('queue'), z.strictObject({ userId: Id }), z.strictObject({ departmentId: z.string().min(1) })],
      'must be queue, or an object with a userId or a departmentId',
    )
    .optional(),
}

/**
 * Fires when a share of the target is used up: in percent, which may pass 100, or in working minutes before its end.
 */
export const Level = z.union(
  [
    z.strictObject({ percent: z.int().min(1).max(1000), ...escalation }),
    z.strictObject({ minutesBefore: z.int().min(1).max(1_000_000), ...escalation }),
  ],
  'must have either percent (1 to 1000) or minutesBefore, and may have notify, raisePriority and reassign',
)
export type Level = z.infer<typeof Level>

/** The longest time for which a breach may stay provisional. */
export const MAX_GRACE_MINUTES = 10_080

/** Working minutes, at most ten years of them around the clock. */
const TargetMinutes = z.int().min(1).max(5_256_000)

const Waiting = Status.refine((status) => categoryOf(status) === 'waiting', 'is not a waiting status')
const WAITING = Status.options.filter((status) => categoryOf(status) === 'waiting')

/**
 * `continue`: the same clock goes on. `new_cycle`: another begins, with the whole target. `ignore`: the first end
 * stands.
 */
export const OnReopen = z.enum(['continue', 'new_cycle', 'ignore'])
export type OnReopen = z.infer<typeof OnReopen>

export const DEFAULT_LEVELS: readonly Level[] = [
  { percent: 50, notify: ['assignee'] },
  { percent: 75, notify: ['assignee', 'lead'] },
  { percent: 100, notify: ['assignee', 'lead', 'department'] },
  { percent: 150, notify: ['assignee', 'lead', 'department', { role: 'admin' }] },
]

export const Policy = z.strictObject({
  name: name(200),
  /** A ticket matches by any of the rules; a policy without rules matches no ticket. */
  rules: z.array(Rule).max(200),
  /** Where a metric or a priority is absent there is no clock. */
  targets: z.partialRecord(Metric, z.partialRecord(Priority, TargetMinutes)),
  calendarId: z.string().min(1),
  /** The statuses in which a clock of the metric rests. */
  pauseOn: z.partialRecord(Metric, z.array(Waiting)).default({ resolution: WAITING }),
  onReopen: OnReopen.default('continue'),
  /** A ticket that is reopened later than this begins a new cycle, unless reopening is ignored. */
  reopenWindowDays: z.int().min(0).max(3660).default(14),
  levels: z
    .array(Level)
    .max(20)
    .refine(areDistinct, 'must not have two levels at the same point')
    .default([...DEFAULT_LEVELS]),
  /** Offline work that is older counts from its receipt until a supervisor approves. */
  maxBackdateHours: z.int().min(0).max(8760).default(72),
  /** How long a breach stays provisional while the assignee's device is silent. */
  provisionalGraceMinutes: z.int().min(0).max(MAX_GRACE_MINUTES).default(30),
  /** Replies count when they were written, not when they were delivered: for notes that the customer signs on site. */
  creditComposed: z.boolean().default(false),
})
export type Policy = z.infer<typeof Policy>

/** The key of a level in `slaEvent`: its percent, or minus its minutes before the deadline. */
export function levelKey(level: Level): number {
  return 'percent' in level ? level.percent : -level.minutesBefore
}

/** The working time that is used up when the level fires, ms; at most 0 when it fires at the start. */
export function levelMs(level: Level, targetMs: number): number {
  return 'percent' in level ? Math.ceil((targetMs * level.percent) / 100) : targetMs - level.minutesBefore * 60_000
}

function areDistinct(levels: readonly Level[]): boolean {
  return new Set(levels.map(levelKey)).size === levels.length
}
