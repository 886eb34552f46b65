/** The log's words in ours. */
import type { Status } from '@rejoin/shared/statuses.ts'
import type { Priority } from '@rejoin/shared/priority.ts'

const STATUSES: Partial<Record<string, Status>> = {
  New: 'open',
  Active: 'in_progress',
  'Awaiting User Info': 'waiting_customer',
  'Awaiting Vendor': 'waiting_third_party',
  'Awaiting Problem': 'on_hold',
  'Awaiting Evidence': 'on_hold',
  Resolved: 'resolved',
  Closed: 'closed',
}

const PRIORITIES: Partial<Record<string, Priority>> = {
  '1 - Critical': 'urgent',
  '2 - High': 'high',
  '3 - Moderate': 'medium',
  '4 - Low': 'low',
}

/** Null for a state that we have no word for. */
export function statusOf(state: string): Status | null {
  return STATUSES[state] ?? null
}

export function priorityOf(priority: string | null): Priority {
  return (priority === null ? undefined : PRIORITIES[priority]) ?? 'medium'
}
