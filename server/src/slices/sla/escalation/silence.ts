/** Whether somebody may have done the work already, on a device of which nothing is heard. */
import { isWithin } from '../../../core/runtime/clock.ts'
import type { Read } from '../../../core/storage/db.ts'
import { prepared } from '../../../core/storage/prepared.ts'
import type { TicketRow } from '../../tickets/queries.ts'

/** A device that has been silent for so long may bring earlier work. */
const SILENT_MS = 10 * 60_000

/** The last contact of a device that brought no work is known no better than this. */
const NOTED_WITHIN_MS = 5 * 60_000

/** Whether a device of the assignee's holds the ticket, and all that do have been silent for more than ten minutes. */
export function isAwayWithIt(
  read: Read,
  { id: documentId, assigneeId }: Pick<TicketRow, 'id' | 'assigneeId'>,
  { now, connected }: { now: number; connected: readonly string[] },
): boolean {
  if (assigneeId === null) return false
  const key = `assigned:${assigneeId}`
  const devices = holders(read, { userId: assigneeId, documentId, key })
  if (devices.length === 0) return false
  return devices.every(({ id, lastSeenAt }) => !connected.includes(id) && !isWithin(SILENT_MS + 1, lastSeenAt, now))
}

/**
 * Of those that have it for certain, the position is before the ticket came into their scope; those that were in contact then, or
 * shortly before, may have it.
 */
const holders = prepared<{ userId: string; documentId: string; key: string }>()((read, param) =>
  read
    .selectFrom('device')
    .innerJoin('audience', (join) => join.onTrue())
    .leftJoin('revision', 'revision.seq', 'audience.fromSeq')
    .select(['device.id', 'device.lastSeenAt'])
    .where('device.userId', '=', param('userId'))
    .where('device.revokedAt', 'is', null)
    .where('audience.documentId', '=', param('documentId'))
    .where('audience.key', '=', param('key'))
    .where('audience.toSeq', 'is', null)
    .where((row) =>
      row.or([
        row('audience.fromSeq', '<=', row.ref('device.cursor')),
        row('revision.at', '<=', row('device.lastSeenAt', '+', NOTED_WITHIN_MS)),
      ]),
    ),
)
