/**
 * The file that `rejoin sla replay` reads: calendars, defaults, and vectors, each the story of one clock. Times are
 * ISO-8601 with an offset, durations seconds. `expect`, `full` and other notes of a collection of cases are ignored.
 */
import { z } from 'zod'
import { Status } from '@rejoin/shared/statuses.ts'
import { DayOfYear, Interval, isForward, LocalDate, TimeOfDay, Weekday } from '@rejoin/shared/sla/calendar.ts'
import { Zone } from '@rejoin/shared/zone.ts'
import { Metric } from '@rejoin/shared/sla/metric.ts'
import { OnReopen } from '../policy.ts'

const instant = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2026-03-02T10:00:00Z or 2026-03-02T11:00:00+01:00' })
  .transform((text) => Date.parse(text))
/** Seconds become ms. */
const ms = (value: number) => Math.round(value * 1000)
const CENTURY_S = 100 * 366 * 86_400
const skew = z.number().min(-CENTURY_S).max(CENTURY_S).transform(ms)
const duration = z.number().min(0).max(CENTURY_S).transform(ms)
const target = z.number().min(0.001, 'must be more than 0').max(CENTURY_S).transform(ms)

const orderly = ({ from = '00:00', to = '24:00' }) => isForward([from, to])
const ORDER = { path: ['to'], error: 'must be later than from' }

const Holiday = z
  .strictObject({
    date: LocalDate.optional(),
    recurring_from: DayOfYear.optional(),
    recurring_to: DayOfYear.optional(),
    from: TimeOfDay.optional(),
    to: TimeOfDay.optional(),
  })
  .refine(orderly, ORDER)
  .refine(
    (day) => (day.date === undefined) !== (day.recurring_from === undefined || day.recurring_to === undefined),
    'must have a date, or recurring_from and recurring_to',
  )

export const FileCalendar = z.strictObject({
  tz: Zone,
  weekly: z.partialRecord(Weekday, z.array(Interval).max(24)),
  holidays: z.array(Holiday).default([]),
  extra_open: z
    .array(z.strictObject({ date: LocalDate, from: TimeOfDay, to: TimeOfDay }).refine(orderly, ORDER))
    .default([]),
})
export type FileCalendar = z.infer<typeof FileCalendar>

/** How a device that was away knew the time; see `time.ts`. */
const Offline = z.strictObject({
  sync_server_time: instant.optional(),
  mono_sync_s: z.number().min(0).optional(),
  mono_event_s: z.number().min(0).nullable().optional(),
  skew_s: skew.default(0),
  /** False when the device was restarted in between, so that its monotonic clock says nothing. */
  same_boot: z.boolean().default(true),
  max_backdate_s: duration.optional(),
})

const common = { at: instant, received_at: instant.optional(), offline: Offline.optional() }
const Event = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('status'), to: Status, ...common }),
  z.strictObject({ type: z.literal('policy'), target_s: target, calendar: z.string().optional(), ...common }),
  z.strictObject({
    type: z.enum(['created', 'public_reply', 'customer_reply', 'queued', 'accepted', 'merged']),
    ...common,
  }),
])
export type FileEvent = z.infer<typeof Event>

const pauseOn = z.array(Status)
const rules = {
  on_reopen: OnReopen,
  reopen_window_s: duration,
  max_backdate_s: duration,
  credit_composed: z.boolean(),
}

export const Vector = z.strictObject({
  id: z.string().min(1),
  calendar: z.string(),
  metric: Metric,
  target_s: target,
  events: z
    .array(Event)
    .min(1)
    .max(10_000)
    .refine(([first]) => first?.type === 'created', 'must begin with the event created'),
  as_of: instant,
  policy: z
    .strictObject({ ...rules, pause_on: pauseOn })
    .partial()
    .default({}),
  /** Percents. */
  levels: z.array(z.int().min(1).max(1000)).optional(),
  title: z.unknown().optional(),
  expect: z.unknown().optional(),
  full: z.unknown().optional(),
  why: z.unknown().optional(),
  res: z.unknown().optional(),
  brute_days: z.unknown().optional(),
})
export type Vector = z.infer<typeof Vector>

export const Defaults = z
  .strictObject({ ...rules, pause_on: z.partialRecord(Metric, pauseOn) })
  .partial()
  .default({})
export type Defaults = z.infer<typeof Defaults>

/** The file with its vectors not yet parsed, so that each fault can be told of the vector that has it. */
export const ReplayFile = z.strictObject({
  note: z.unknown().optional(),
  defaults: Defaults,
  calendars: z.record(z.string(), FileCalendar),
  vectors: z.array(z.unknown()),
})
