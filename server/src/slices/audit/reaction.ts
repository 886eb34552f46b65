/** Audits what other slices tell by events: all that is no work on a ticket, and what a person decided about such work. */
import { audit } from '../../core/audit.ts'
import type { Reaction } from '../../core/command.ts'
import type { EventType } from '../../core/events.ts'

const DECISIONS: ReadonlySet<EventType> = new Set(['command-decided', 'backdate-approved'])

export const auditFacts: Reaction = (context, event) => {
  if (event.subject === 'ticket' && !DECISIONS.has(event.type)) return
  audit(context, event)
}
