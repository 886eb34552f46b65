/** The operations on policies. */
import { z } from 'zod'
import { declare, declareQuery } from '@rejoin/shared/contract/declare.ts'
import { visibleName } from '@rejoin/shared/names.ts'
import { Calendar } from '@rejoin/shared/sla/calendar.ts'
import { Metric } from '@rejoin/shared/sla/metric.ts'
import { Id, Instant } from '@rejoin/shared/values.ts'
import { pageBy, versionPage } from '../../../core/input/paging.ts'
import { ApplyTo } from '../apply-to.ts'
import { CalendarId } from '../calendars/contract.ts'
import { Policy } from '../engine/policy.ts'

/** `default`, which is there from the beginning, or a UUID. */
const PolicyId = z.string().min(1).max(60)

/** Stored policies are read without this rule: they may be of before it. */
const NamedPolicy = Policy.safeExtend({ name: visibleName(200) })

const OnePolicy = z.strictObject({ policyId: PolicyId })

/** In its present version. */
export const PresentPolicy = z.object({
  id: z.string(),
  position: z.int(),
  isEnabled: z.boolean(),
  versionId: z.string(),
  number: z.int(),
  value: Policy,
})
export type PresentPolicy = z.output<typeof PresentPolicy>

const Changed = z.object({ policyId: z.string(), versionId: z.string() })

export const list = declareQuery({
  name: 'sla.policies.list',
  input: pageBy({ position: z.number(), id: z.string() }).prefault({}),
  output: z.array(PresentPolicy),
  action: 'sla.read',
  codes: [],
  rest: 'GET /sla/policies',
  doc: 'Lists the policies in the order in which tickets are matched with them.',
})

export const get = declareQuery({
  name: 'sla.policies.get',
  input: versionPage.extend({ policyId: PolicyId }),
  output: PresentPolicy.extend({
    versions: z.array(
      z.object({ id: z.string(), number: z.int(), value: Policy, createdAt: Instant, createdBy: z.string() }),
    ),
  }),
  action: 'sla.read',
  codes: [],
  rest: 'GET /sla/policies/{policyId}',
  doc: 'Returns a policy with its versions, the newest first.',
})

export const create = declare({
  name: 'sla.create-policy',
  input: z.strictObject({ policyId: Id.optional(), value: NamedPolicy, applyTo: ApplyTo }),
  output: Changed,
  action: 'sla.manage',
  codes: ['conflict', 'department-disabled'],
  mints: 'policyId',
  answer: 'sla.policies.get',
  rest: 'POST /sla/policies',
  doc: 'Creates a policy in front of the others.',
})

export const edit = declare({
  name: 'sla.edit-policy',
  input: OnePolicy.extend({ value: NamedPolicy, applyTo: ApplyTo }),
  output: Changed,
  action: 'sla.manage',
  codes: ['conflict', 'department-disabled'],
  answer: 'sla.policies.get',
  rest: 'PATCH /sla/policies/{policyId}',
  doc: 'Gives a policy another version. Clocks keep the time that they counted by the earlier one.',
})

export const enable = declare({
  name: 'sla.enable-policy',
  input: OnePolicy.extend({ isEnabled: z.boolean(), applyTo: ApplyTo }),
  output: z.void(),
  action: 'sla.manage',
  codes: [],
  answer: 'sla.policies.get',
  rest: 'PUT /sla/policies/{policyId}/enabled',
  doc: 'Enables or disables a policy.',
})

export const order = declare({
  name: 'sla.order-policies',
  input: z.strictObject({ policyIds: z.array(PolicyId).min(1).max(1000), applyTo: ApplyTo }),
  output: z.void(),
  action: 'sla.manage',
  codes: [],
  answer: 'sla.policies.list',
  rest: 'PUT /sla/policy-order',
  doc: 'Sets the order in which tickets are matched with policies. The input names every policy once.',
})

export const remove = declare({
  name: 'sla.remove-policy',
  input: OnePolicy,
  output: z.void(),
  action: 'sla.manage',
  codes: ['conflict'],
  rest: 'DELETE /sla/policies/{policyId}',
  doc: 'Removes a policy by which no ticket is or was measured.',
})

/** A policy in another version, or a new one in front of the others; a calendar in another version. */
const PolicyChange = z.strictObject({
  policy: z
    .strictObject({ policyId: PolicyId.optional(), value: Policy, isEnabled: z.boolean().default(true) })
    .optional(),
  calendar: z.strictObject({ calendarId: CalendarId, value: Calendar }).optional(),
})
export type PolicyChange = z.output<typeof PolicyChange>

export const Effect = z.enum(['earlier', 'later', 'newly-overdue', 'no-more-overdue', 'begun', 'cancelled'])
export type Effect = z.output<typeof Effect>

export const preview = declareQuery({
  name: 'sla.policies.preview',
  input: PolicyChange,
  output: z.object({
    /** How many were looked at; `isComplete`: there are no more. */
    openTickets: z.int(),
    isComplete: z.boolean(),
    ticketsAffected: z.int(),
    clocks: z.record(Effect, z.int()),
    examples: z.array(
      z.object({
        ticketId: z.string(),
        metric: Metric,
        effect: Effect,
        dueAt: Instant.nullable(),
        wouldBeDueAt: Instant.nullable(),
      }),
    ),
  }),
  action: 'sla.manage',
  codes: [],
  rest: 'POST /sla/policies/preview',
  doc: 'Counts how a change of a policy or a calendar would move the clocks of open tickets. It changes nothing.',
})
