/** Where a ticket stands for its clocks, however they are computed. */
import type { Status } from '@rejoin/shared/statuses.ts'
import type { Clock } from '../clock.ts'
import type { Terms } from '../terms.ts'

/** The facts about a clock that decide an event's effect on it. */
export type Known = Pick<Clock, 'metric' | 'cycle' | 'state' | 'stopAt'>

export interface Standing<Each extends Known> {
  readonly createdAt: number
  /** Of the last event. */
  readonly at: number
  readonly status: Status
  /** How it got there, for a clock that is measured only from later on. */
  readonly statuses: readonly { readonly at: number; readonly to: Status }[]
  readonly terms: Terms | null
  /** A first response is not awaited any more. */
  readonly isAnswered: boolean
  /** The customer has written since, and has no reply. */
  readonly isAwaited: boolean
  readonly isDropped: boolean
  /** In the order in which they began. */
  readonly clocks: readonly Each[]
}
