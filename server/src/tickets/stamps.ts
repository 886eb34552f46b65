/** Stamps: when each field was last changed and by whom, so that a change made apart can be told from a later one. */
import type { CommandContext } from '../core/commit/command.ts'

export interface Stamp {
  readonly seq: number
  readonly at: number
}

/** The change of `field` that the author could not have seen, or null. A device's own changes are not news to it. */
export async function changedMeanwhile(
  context: CommandContext,
  ticketId: string,
  field: string,
): Promise<Stamp | null> {
  const { tx, seen, deviceId } = context
  if (!Number.isFinite(seen)) return null
  const stamp = await tx
    .selectFrom('ticketStamp')
    .select(['seq', 'at', 'deviceId'])
    .where('ticketId', '=', ticketId)
    .where('field', '=', field)
    .executeTakeFirst()
  if (stamp === undefined || stamp.seq <= seen || stamp.deviceId === deviceId) return null
  return stamp
}

export async function stampField(context: CommandContext, ticketId: string, field: string): Promise<void> {
  const stamp = { seq: context.seq, at: context.effectiveAt, deviceId: context.deviceId }
  await context.tx
    .insertInto('ticketStamp')
    .values({ ticketId, field, ...stamp })
    .onConflict((conflict) => conflict.columns(['ticketId', 'field']).doUpdateSet(stamp))
    .execute()
}
