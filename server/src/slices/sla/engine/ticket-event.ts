/** The events of a ticket that concern its clocks. */
import type { Status } from '@rejoin/shared/statuses.ts'
import type { Metric } from '@rejoin/shared/sla/metric.ts'
import type { Terms } from './terms.ts'

export type TicketEvent = {
  /** Effective, epoch ms. For a reply, the time of its delivery, unless the policy credits the time of writing. */
  readonly at: number
} & (
  | { readonly type: 'created'; readonly terms: Terms | null }
  | { readonly type: 'status'; readonly to: Status }
  /** A reply by a person of staff; not an automatic reply, an internal note, or an imported comment. */
  | { readonly type: 'public_reply' }
  /** Changes no status by itself. */
  | { readonly type: 'customer_message' }
  /** The ticket has no assignee (any more) who accepted it. */
  | { readonly type: 'queued' }
  /** Its assignee accepts it, or works on it. */
  | { readonly type: 'accepted' }
  /** Another policy, priority or version from now on; null when no policy matches any more. */
  | { readonly type: 'terms'; readonly terms: Terms | null }
  /** Merged, spam or deleted: nothing of it counts. */
  | { readonly type: 'dropped' }
  | { readonly type: 'excused'; readonly metric: Metric; readonly cycle: number }
)
