/**
 * What happens when two sides changed a field while apart, declared once per field, and the decisions that need more
 * than a word. Pure: the server decides with these, the device explains with them.
 */
import { Priority } from '../priority.ts'
import { type TicketView } from './ticket.ts'

/**
 * `path`: the device's transitions are replayed from the server's present state. `server`: the office's choice wins.
 * `higher`: the higher value wins. `later`: the later effective time wins, the loser is kept in the history.
 * `add-wins`: an add beats a concurrent remove. `append`: never conflicts. `text`: merged character by character.
 * `server-only`: no command sets it.
 */
export type MergePolicy = 'path' | 'server' | 'higher' | 'later' | 'add-wins' | 'append' | 'text' | 'server-only'

export const MERGE = {
  id: 'server-only',
  number: 'server-only',
  title: 'later',
  status: 'path',
  statusReason: 'path',
  priority: 'higher',
  type: 'later',
  category: 'later',
  subcategory: 'later',
  departmentId: 'server',
  requesterId: 'server-only',
  requesterName: 'server-only',
  assigneeId: 'server',
  assigneeName: 'server-only',
  tags: 'add-wins',
  watchers: 'add-wins',
  skills: 'later',
  estimateMinutes: 'later',
  dueAt: 'later',
  site: 'later',
  custom: 'later',
  resolution: 'path',
  source: 'server-only',
  escalationLevel: 'server-only',
  reopenCount: 'server-only',
  createdAt: 'server-only',
  startedAt: 'server-only',
  firstRespondedAt: 'server-only',
  resolvedAt: 'server-only',
  closedAt: 'server-only',
  clocks: 'server-only',
  clockTerms: 'server-only',
  description: 'text',
  notes: 'text',
  comments: 'append',
  work: 'append',
} as const satisfies Record<keyof TicketView, MergePolicy>

/** `later`: the device's value stands unless somebody wrote the field meanwhile at a later effective time. */
export function laterStands(mine: number, theirs: number | null): boolean {
  return theirs === null || mine >= theirs
}

/**
 * `higher`: what becomes of a priority the author wanted, when the field changed meanwhile. `seen` is the value the
 * author was looking at: below it they meant to lower, which a concurrent raise refuses.
 */
export function settlePriority(now: Priority, wanted: Priority, seen: Priority): 'take' | 'higher-stands' | 'refuse' {
  const rank = (priority: Priority) => Priority.options.indexOf(priority)
  if (rank(wanted) >= rank(now)) return 'take'
  if (rank(wanted) < rank(seen) && rank(now) <= rank(seen)) return 'take'
  return rank(wanted) < rank(seen) ? 'refuse' : 'higher-stands'
}

/** Two resolves: the earlier effective time stands. */
export function earlierResolve(mine: number, theirs: number): boolean {
  return mine < theirs
}

/** Reassigned meanwhile: the work is credited while the new assignee has not started, else a dispatcher decides. */
export function settleReassigned(newAssigneeStarted: boolean): 'credit' | 'park' {
  return newAssigneeStarted ? 'park' : 'credit'
}
