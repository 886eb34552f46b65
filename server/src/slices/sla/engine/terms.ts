/** What the clocks of a ticket are measured by from some instant on: a version of a policy, at a priority. */
import type { Priority } from '@rejoin/shared/priority.ts'
import type { Status } from '@rejoin/shared/statuses.ts'
import { Metric } from '@rejoin/shared/sla/metric.ts'
import { Policy, type Level, type OnReopen } from './policy.ts'
import type { WorkingTime } from '@rejoin/shared/sla/working-time.ts'

export interface Terms {
  /** The ids of the immutable rows. */
  readonly policyVersion: string
  readonly calendarVersion: string
  readonly working: WorkingTime
  /** Working time, ms; no clock where a metric is absent. */
  readonly targetMs: Readonly<Partial<Record<Metric, number>>>
  readonly pauseOn: Readonly<Partial<Record<Metric, readonly Status[]>>>
  readonly levels: readonly Level[]
  readonly onReopen: OnReopen
  readonly reopenWindowMs: number
}

export function termsOf(
  policy: Policy,
  priority: Priority,
  versions: Pick<Terms, 'policyVersion' | 'calendarVersion' | 'working'>,
): Terms {
  const targets = Metric.options.flatMap((metric) => {
    const minutes = policy.targets[metric]?.[priority]
    return minutes === undefined ? [] : [[metric, minutes * 60_000]]
  })
  const { pauseOn, levels, onReopen } = policy
  const targetMs = Object.fromEntries(targets) as Terms['targetMs']
  return { ...versions, targetMs, pauseOn, levels, onReopen, reopenWindowMs: policy.reopenWindowDays * 86_400_000 }
}

/** The policy from which a replayed story takes what it leaves out. */
export const DEFAULT_POLICY: Policy = Policy.parse({
  name: 'Around the clock',
  rules: [{}],
  targets: {
    first_response: { urgent: 30, high: 60, medium: 240, low: 480 },
    resolution: { urgent: 240, high: 480, medium: 1440, low: 2880 },
  },
  calendarId: 'always',
  levels: [],
})
