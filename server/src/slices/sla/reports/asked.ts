/** What reports on clocks are asked, and who may ask. */
import { z } from 'zod'
import { grantsOf, type Actor } from '@rejoin/shared/access/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { Metric } from '@rejoin/shared/sla/metric.ts'
import { Id, Instant } from '@rejoin/shared/tickets/ticket.ts'

export const MetricsRange = z
  .object({
    from: Instant,
    until: Instant,
    metric: Metric.optional(),
    by: z.enum(['metric', 'policy', 'priority', 'department', 'agent']).default('metric'),
  })
  .refine(({ from, until }) => from < until, { path: ['until'], message: 'must be after from' })
export type MetricsRange = z.output<typeof MetricsRange>

const HOUR = 3_600_000

/** Without a ticket: what is overdue, or due within so many ms by the wall, the first due first. */
export const Check = z
  .object({
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

/** Null: of all. Throws `Refusal('forbidden')`. */
export function departmentsOf(actor: Actor): readonly string[] | null {
  const grants = grantsOf(actor, 'sla.report')
  if (grants.includes('any')) return null
  if (grants.includes('department')) return actor.departments
  throw new Refusal('forbidden', 'Your role does not allow this.', 'Ask a supervisor.')
}
