/** Audits what other slices tell by events: all that is no work on a ticket, and what a person decided about such work. */
import { audit } from '../../core/audit.ts'
import type { Reaction } from '../../core/command.ts'

const DECISIONS: ReadonlySet<string> = new Set(['command-decided', 'backdate-approved'])

export const auditFacts: Reaction = async (context, { type, subject, subjectId, actorId, payload }) => {
  if (subject === 'ticket' && !DECISIONS.has(type)) return
  audit(context, { type, subject, subjectId, actorId, payload })
}
