/** Why the clocks of a ticket say what they say: the arithmetic, the log of each, and which policy was chosen when. */
import { may, relationsOf } from '@rejoin/shared/access/access.ts'
import { explain, type Explanation } from '../engine/explain.ts'
import { explanationText } from '../engine/explain/text.ts'
import type { Read } from '../../../core/storage/db.ts'
import type { QueryContext } from '../../../core/api/procedures.ts'
import { getTicket, notFound } from '../../tickets/queries.ts'
import { clockOf, findStored, type ClockRow } from '../clocks/stored.ts'
import { policyVersion, termsFor } from '../clocks/versions.ts'

export async function explainTicket({ read, actor, now }: QueryContext, { ticketId }: { ticketId: string }) {
  const relations = relationsOf(actor, getTicket(read, ticketId))
  if (!may(actor, 'ticket.read-internal', relations)) throw notFound(ticketId)
  return await explanationOf(read, ticketId, now)
}

/** As JSON and in words. */
export async function explanationOf(read: Read, ticketId: string, now: number) {
  const { number } = getTicket(read, ticketId)
  const stored = findStored(read, ticketId)
  const clocks = []
  for (const row of stored?.rows ?? []) {
    if (row.isVoid === 1) continue
    const explanation = explained(read, row, now)
    const text = explanation === null ? '' : explanationText(explanation)
    clocks.push({ clockId: row.id, explanation, text, log: await logOf(read, row.id) })
  }
  return { ticketId, number, asOf: now, choices: await choicesOf(read, ticketId), clocks }
}

function explained(read: Read, row: ClockRow, now: number): Explanation | null {
  const clock = clockOf(row)
  const segment = clock.segments.at(-1)
  if (segment === undefined) return null
  // Of the priority only the target would follow, which the segment has.
  const terms = termsFor(read, { ...segment, priority: 'medium' })
  return terms === null ? null : explain(clock, terms, Math.max(now, clock.markAt))
}

function logOf(read: Read, clockId: string) {
  return read
    .selectFrom('slaEvent')
    .select(['kind', 'level', 'generation', 'effectiveAt', 'recordedAt', 'detectedAt'])
    .where('clockId', '=', clockId)
    .orderBy('id')
    .execute()
}

async function choicesOf(read: Read, ticketId: string) {
  const rows = await read
    .selectFrom('slaChoice')
    .select(['effectiveAt', 'recordedAt', 'policyVersion', 'calendarVersion', 'priority', 'rule'])
    .where('ticketId', '=', ticketId)
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    ...row,
    policy: row.policyVersion === null ? null : policyVersion(read, row.policyVersion).policy.name,
  }))
}
