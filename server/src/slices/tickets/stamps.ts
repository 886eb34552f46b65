/** Stamps: when each field was last changed and by whom, so that a change made apart can be told from a later one. */
import type { CommandContext } from '../../core/command.ts'
import { prepared, putRow } from '../../core/storage/prepared.ts'

export interface Stamp {
  readonly seq: number
  readonly at: number
}

/** The change of `field` that the author could not have seen, or null. A device's own changes are not news to it. */
export function changedMeanwhile(context: CommandContext, ticketId: string, field: string): Stamp | null {
  const { tx, seen, deviceId } = context
  if (!Number.isFinite(seen)) return null
  const [stamp] = stampOf(tx, { ticketId, field })
  if (stamp === undefined || stamp.seq <= seen || stamp.deviceId === deviceId) return null
  return stamp
}

const stampOf = prepared<{ ticketId: string; field: string }>()((read, param) =>
  read
    .selectFrom('ticketStamp')
    .select(['seq', 'at', 'deviceId'])
    .where('ticketId', '=', param('ticketId'))
    .where('field', '=', param('field')),
)

export function stampField({ tx, seq, effectiveAt: at, deviceId }: CommandContext, ticketId: string, field: string) {
  putRow(tx, 'ticketStamp', { ticketId, field }, { seq, at, deviceId })
}
