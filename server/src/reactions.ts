/**
 * The reactions of slices to each other's events, inside the transaction of the command that caused them. For each
 * event they run in this order; an event of a reaction itself goes through all of them at once, before the next
 * reaction.
 */
import type { Reaction } from './core/command.ts'
import { auditFacts } from './slices/audit/reaction.ts'
import { notify } from './slices/notifications/reaction.ts'
import { moveClocks } from './slices/sla/reaction.ts'
import { giveBack, showNewName } from './slices/tickets/reaction.ts'
import { correctTimes } from './slices/tickets/times.ts'
import { keepDefaultDepartment } from './slices/workspace/reaction.ts'

export const REACTIONS: readonly Reaction[] = [
  // May refuse the command: first, so that no other work is done in vain.
  keepDefaultDepartment,
  // Notifications report the clocks after the event.
  moveClocks,
  notify,
  // These change tickets, by events of their own: people hear of the cause before its consequences.
  giveBack,
  showNewName,
  correctTimes,
  // The record comes last, when nothing can refuse any more.
  auditFacts,
]
