/** A change of policies or of a calendar that somebody thinks of. */
import { z } from 'zod'
import { Calendar } from '@rejoin/shared/sla/calendar.ts'
import { Policy } from '../engine/policy.ts'
import { CalendarId } from '../calendars/queries.ts'
import { PolicyId } from './queries.ts'

/** A policy in another version, or a new one in front of the others; a calendar in another version. */
export const PolicyChange = z.object({
  policy: z.object({ policyId: PolicyId.optional(), value: Policy, isEnabled: z.boolean().default(true) }).optional(),
  calendar: z.object({ calendarId: CalendarId, value: Calendar }).optional(),
})
export type PolicyChange = z.output<typeof PolicyChange>
