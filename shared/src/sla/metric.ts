/** What clocks measure, the states they are in, and what everybody may see of one. */
import { z } from 'zod'

/**
 * `first_response`: created → first public reply. `next_response`: oldest unanswered message of the customer → public
 * reply, one cycle for each burst. `resolution`: created → resolved. `ownership`: in the queue → somebody accepts it.
 */
export const Metric = z.enum(['first_response', 'next_response', 'resolution', 'ownership'])
export type Metric = z.infer<typeof Metric>

/** `unschedulable`: it runs, and its calendar has no working time in which it could run out. */
export const ClockState = z.enum(['running', 'paused', 'stopped', 'cancelled', 'unschedulable'])
export type ClockState = z.infer<typeof ClockState>

/** What a document shows of a clock. Times are epoch ms. */
export const ClockView = z.object({
  metric: Metric,
  state: ClockState,
  dueAt: z.int().nullable(),
  stoppedAt: z.int().nullable(),
  breachedAt: z.int().nullable(),
})
export type ClockView = z.infer<typeof ClockView>
