/** The log's words in ours. */
import { PRIORITIES, STATES } from '@rejoin/server/cli/import/words.ts'
import type { Status } from '@rejoin/shared/statuses.ts'
import type { Priority } from '@rejoin/shared/priority.ts'

/** Null for a state that we have no word for. */
export function statusOf(state: string): Status | null {
  return STATES[state] ?? null
}

export function priorityOf(priority: string | null): Priority {
  return (priority === null ? undefined : PRIORITIES[priority]) ?? 'medium'
}
