/** Writes a breach down: once for each target, at the instant of the breach, whoever notices it. */
import type { CommandContext } from '../core/commit/command.ts'
import { SYSTEM_ID } from '../core/ids.ts'
import type { ClockRow } from './queries.ts'

export async function recordBreach(
  { tx, now, event, show }: CommandContext,
  { id: clockId, generation, metric, ticketId, dueAt }: ClockRow,
  breachAt: number,
): Promise<void> {
  const times = { effectiveAt: breachAt, recordedAt: now, detectedAt: now }
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('slaEvent')
    .values({ clockId, kind: 'breach', level: 100, generation, payload: '{}', ...times })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow()
  if (numInsertedOrUpdatedRows === 0n) return
  await event({
    subject: 'ticket',
    subjectId: ticketId,
    type: 'sla-breached',
    // Nobody did it, so that whoever ends an overdue clock is told as well.
    actorId: SYSTEM_ID,
    effectiveAt: breachAt,
    payload: { metric, dueAt, clockId },
  })
  show(ticketId)
}
