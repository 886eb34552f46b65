/** In which statuses clocks rest. */
import { categoryOf, type Status } from '@rejoin/shared/statuses.ts'
import type { Metric } from '@rejoin/shared/sla/metric.ts'
import type { Terms } from '../terms.ts'

/** Resolved or closed: every running clock has stopped. */
export function isDone(status: Status): boolean {
  return ['resolved', 'closed'].includes(categoryOf(status))
}

export function pausesIn(terms: Terms, metric: Metric, status: Status): boolean {
  return terms.pauseOn[metric]?.includes(status) ?? false
}
