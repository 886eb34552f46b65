/** What clocks measure, the states they are in, and what everybody may see of one. */
import { z } from 'zod'

/**
 * `first_response`: created → first public reply. `next_response`: oldest unanswered message of the customer after a first
 * answer (before it, `first_response` runs) → public reply, one cycle for each burst. `resolution`: created → resolved. `ownership`: in the queue → somebody accepts it.
 */
export const Metric = z.enum(['first_response', 'next_response', 'resolution', 'ownership'])
export type Metric = z.infer<typeof Metric>

/** `unschedulable`: it runs, and its calendar has no working time in which it could run out. */
export const ClockState = z.enum(['running', 'paused', 'stopped', 'cancelled', 'unschedulable'])
export type ClockState = z.infer<typeof ClockState>

/**
 * What a document shows of a clock. Times are epoch ms, durations ms of working time. What has a default was not in
 * documents from the beginning.
 */
export const ClockView = z.object({
  metric: Metric,
  cycle: z.int().default(1),
  state: ClockState,
  targetMs: z.int().nullable().default(null),
  /** Consumed at `markAt`. */
  elapsedMs: z.int().default(0),
  markAt: z.int().nullable().default(null),
  dueAt: z.int().nullable(),
  stoppedAt: z.int().nullable(),
  breachedAt: z.int().nullable(),
  /** The breach may be taken back by a device that is silent. */
  isProvisional: z.boolean().default(false),
})
export type ClockView = z.infer<typeof ClockView>
