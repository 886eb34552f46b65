/** The queries about clocks: how they stand, why, and what they add up to. Durations are ms of working time. */
import { z } from 'zod'
import { declareQuery } from '@rejoin/shared/contract/declare.ts'
import { Priority } from '@rejoin/shared/priority.ts'
import { Calendar } from '@rejoin/shared/sla/calendar.ts'
import { ClockState, Metric } from '@rejoin/shared/sla/metric.ts'
import { OnTicket } from '@rejoin/shared/tickets/commands/on-ticket.ts'
import { Id, Instant } from '@rejoin/shared/values.ts'
import { ListedCalendar } from '../calendars/contract.ts'
import { PresentPolicy } from '../policies/contract.ts'

const ClockFields = z.object({
  metric: Metric,
  cycle: z.int(),
  state: ClockState,
  targetMs: z.int(),
  elapsedMs: z.int(),
  /** Negative when more than the target is used up. */
  remainingMs: z.int(),
  dueAt: Instant.nullable(),
  stopAt: Instant.nullable(),
  breachAt: Instant.nullable(),
  /** The breach is provisional: a device that may bring an earlier end was silent. */
  isProvisional: z.boolean(),
  isOverdue: z.boolean(),
})

/** The terms by which the clock was measured from `from` on. */
const Segment = z.object({ from: Instant, targetMs: z.int(), policyVersion: z.string(), calendarVersion: z.string() })

/** `[from, until)`. Of the kinds only `worked` counts; `ended` lies between a stop and the reopening. */
const Stretch = z.object({
  from: Instant,
  until: Instant,
  kind: z.enum(['worked', 'closed', 'waiting', 'ended']),
  /** Working time that it adds, or that a pause keeps from being added. */
  workMs: z.int(),
  /** Working time used up at its end. */
  usedMs: z.int(),
})

const LevelTime = z.object({
  /** Its percent, or minus its minutes before the deadline. */
  key: z.int(),
  /** Working time used up when the level fires. */
  workMs: z.int(),
  /** By the present terms; null while a pause keeps it away. */
  fireAt: Instant.nullable(),
  passedAt: Instant.nullable(),
})

const Explanation = ClockFields.extend({
  asOf: Instant,
  calendar: Calendar,
  startAt: Instant,
  /** Null while it can still be met, and for a cancelled clock. */
  isMet: z.boolean().nullable(),
  breachCause: z.enum(['deadline', 'resume', 'reopen', 'policy_change']).nullable(),
  excusedAt: Instant.nullable(),
  segments: z.array(Segment).readonly(),
  stretches: z.array(Stretch).readonly(),
  /** Working time that pauses took out. */
  pausedMs: z.int(),
  levels: z.array(LevelTime).readonly(),
})

const ClockEntry = z.object({
  kind: z.enum([
    'start',
    'pause',
    'resume',
    'level',
    'breach',
    'confirm',
    'retract',
    'stop',
    'retarget',
    'cancel',
    'excuse',
    'acknowledge',
  ]),
  level: z.int(),
  /** The index of the segment in which it was. */
  generation: z.int(),
  effectiveAt: Instant,
  recordedAt: Instant,
  detectedAt: Instant,
})

/** Which policy the ticket falls under from `effectiveAt` on, and by which of its rules; null when none matches. */
const Choice = z.object({
  effectiveAt: Instant,
  recordedAt: Instant,
  policy: z.string().nullable(),
  policyVersion: z.string().nullable(),
  calendarVersion: z.string().nullable(),
  priority: Priority,
  rule: z.int().nullable(),
})

export const explain = declareQuery({
  name: 'sla.explain',
  input: OnTicket,
  output: z.object({
    ticketId: z.string(),
    number: z.string(),
    asOf: Instant,
    choices: z.array(Choice),
    clocks: z.array(
      z.object({
        clockId: z.string(),
        explanation: Explanation.nullable(),
        /** The same in words; empty without an explanation. */
        text: z.string(),
        log: z.array(ClockEntry),
      }),
    ),
  }),
  action: 'ticket.read-internal',
  tokens: false,
  codes: [],
  rest: 'GET /tickets/{ticketId}/clocks',
  doc: 'Explains the clocks of a ticket: the policies that were chosen, the time that counted, and the log of each clock.',
})

const HOUR = 3_600_000

/** Without a ticket: clocks that are overdue, or due within `withinMs` by the wall, the first due first. */
const Check = z
  .strictObject({
    ticketId: Id.optional(),
    withinMs: z
      .int()
      .min(0)
      .max(366 * 24 * HOUR)
      .default(4 * HOUR),
    limit: z.int().min(1).max(500).default(100),
    /** The last clock of the page before. */
    after: z.object({ dueAt: z.number(), clockId: z.string() }).optional(),
  })
  .prefault({})
export type Check = z.output<typeof Check>

export const check = declareQuery({
  name: 'sla.check',
  input: Check,
  output: z.object({
    asOf: Instant,
    clocks: z.array(
      ClockFields.extend({ number: z.string(), clockId: z.string(), ticketId: z.string(), percent: z.int() }),
    ),
  }),
  action: 'sla.read',
  codes: [],
  rest: 'GET /sla/clocks',
  doc: 'Lists the clocks of one ticket, or those that are overdue or due soon, the first due first.',
})

const MetricsRange = z
  .strictObject({
    from: Instant,
    until: Instant,
    metric: Metric.optional(),
    by: z.enum(['metric', 'policy', 'priority', 'department', 'agent']).default('metric'),
  })
  .refine(({ from, until }) => from < until, { path: ['until'], message: 'must be after from' })
export type MetricsRange = z.output<typeof MetricsRange>

/** Shares are from 0 to 1; null where there is nothing to share. */
const Group = z.object({
  key: z.string().nullable(),
  attainment: z.number().nullable(),
  paused: z.number().nullable(),
  met: z.int(),
  breached: z.int(),
  excused: z.int(),
  provisional: z.int(),
  atRisk: z.int(),
  retracted: z.int(),
})

export const metrics = declareQuery({
  name: 'sla.metrics',
  input: MetricsRange,
  output: z.object({
    from: Instant,
    until: Instant,
    metric: Metric.optional(),
    by: MetricsRange.shape.by.unwrap(),
    asOf: Instant,
    /** The rules of the count, in sentences. */
    rules: z.array(z.string()),
    groups: z.array(Group),
  }),
  action: 'sla.report',
  codes: [],
  rest: 'GET /sla/metrics',
  doc: 'Counts the clocks that were met and breached in a range of time, in groups. Supervisors get their departments.',
})

export const config = declareQuery({
  name: 'sla.config',
  input: z.void(),
  output: z.object({
    metrics: z.array(Metric),
    policies: z.array(PresentPolicy),
    calendars: z.array(ListedCalendar),
  }),
  action: 'sla.read',
  codes: [],
  rest: 'GET /sla/config',
  doc: 'Returns the metrics, the policies and the calendars; of many policies or calendars, the first page.',
})
