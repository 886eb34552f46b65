/** The terms of a ServiceNow log, and ours for them. */
import type { Priority } from '@rejoin/shared/priority.ts'
import type { Status } from '@rejoin/shared/statuses.ts'

export const STATES: Readonly<Record<string, Status>> = {
  New: 'open',
  Active: 'in_progress',
  'Awaiting User Info': 'waiting_customer',
  'Awaiting Vendor': 'waiting_third_party',
  'Awaiting Problem': 'on_hold',
  'Awaiting Evidence': 'on_hold',
  Resolved: 'resolved',
  Closed: 'closed',
}

export const PRIORITIES: Readonly<Record<string, Priority>> = {
  '1 - Critical': 'urgent',
  '2 - High': 'high',
  '3 - Moderate': 'medium',
  '4 - Low': 'low',
}
