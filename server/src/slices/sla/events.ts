/** The events of SLA clocks, in the logs of their tickets. */
import { z } from 'zod'
import { Metric } from '@rejoin/shared/sla/metric.ts'
import { about, type EventsOf } from '../../core/events.ts'

const clock = { clockId: z.string(), metric: Metric, cycle: z.number() }

const announced = about(
  'ticket',
  z.object({
    ...clock,
    /** In percent of the target. */
    level: z.number(),
    dueAt: z.number().nullable(),
    cause: z.string().nullable(),
    isProvisional: z.boolean(),
    /** Who is notified. */
    recipients: z.array(z.string()).readonly(),
  }),
)

export const slaEvents = {
  'sla-level-reached': announced,
  'sla-breached': announced,
  'sla-breach-confirmed': announced,
  'sla-breach-taken-back': announced,
  'sla-acknowledged': about('ticket', z.object(clock)),
  'sla-excused': about('ticket', z.object({ ...clock, reason: z.string() })),
}

/** Which tickets it is for: open ones too, or new ones. */
const applyTo = z.enum(['open', 'new'])
const policy = { name: z.string(), applyTo }
const version = { versionId: z.string(), number: z.number() }

/** What only the audit log records. */
export const slaFacts = {
  'sla-excused': about('ticket', z.object({ ...clock, reason: z.string(), breachAt: z.number() })),
  'sla-policy-created': about('sla-policy', z.object({ ...policy, versionId: z.string() })),
  'sla-policy-edited': about('sla-policy', z.object({ ...policy, ...version })),
  'sla-policy-enabled': about('sla-policy', z.object(policy)),
  'sla-policy-disabled': about('sla-policy', z.object(policy)),
  'sla-policy-removed': about('sla-policy', z.object({ name: z.string() })),
  'sla-policies-ordered': about('sla-policy', z.object({ policyIds: z.array(z.string()).readonly(), applyTo })),
  'sla-calendar-created': about('sla-calendar', z.object({ name: z.string() })),
  'sla-calendar-edited': about('sla-calendar', z.object({ name: z.string(), ...version, applyTo })),
  'sla-calendar-removed': about('sla-calendar', z.object({ name: z.string() })),
}

declare module '../../core/events.ts' {
  interface Events extends EventsOf<typeof slaEvents> {}
}

declare module '../../core/audit.ts' {
  interface AuditFacts extends EventsOf<typeof slaFacts> {}
}
