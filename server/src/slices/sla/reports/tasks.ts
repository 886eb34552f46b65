/** The reports on clocks. What each reads is loaded by its thread alone. */
import { mustAnywhere } from '../../accounts/queries.ts'
import { report, type ReadContext } from '../../../core/reports.ts'
import type { PolicyChange } from '../policies/contract.ts'
import type { Check, MetricsRange } from './contract.ts'
import { departmentsOf } from './readers.ts'

export const metricsReport = report({
  name: 'sla.metrics',
  what: 'report',
  hint: 'Request a shorter range, or one metric.',
  must: departmentsOf,
  read: async (context: ReadContext, range: MetricsRange) => (await import('./metrics.ts')).slaMetrics(context, range),
})

export const checkReport = report({
  name: 'sla.check',
  what: 'check',
  hint: 'Request clocks that are due sooner, or one ticket.',
  must: (actor) => mustAnywhere(actor, 'sla.read'),
  read: async (context: ReadContext, check: Check) => (await import('./check.ts')).checkClocks(context, check),
})

export const previewReport = report({
  name: 'sla.preview',
  what: 'preview',
  hint: 'Try again when the server is less busy, or apply the change to new tickets only.',
  must: (actor) => mustAnywhere(actor, 'sla.manage'),
  read: async (context: ReadContext, change: PolicyChange) =>
    (await import('../policies/preview.ts')).previewChange(context, change),
})
