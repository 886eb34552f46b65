/** Whether somebody may have done the work already, on a device of which nothing is heard. */
import type { Read } from '../core/db.ts'
import { prepared } from '../core/prepared.ts'
import type { TicketRow } from '../tickets/queries.ts'

/** A device that has been silent for so long may bring earlier work. */
const SILENT_MS = 10 * 60_000

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
  return devices.every(({ id, lastSeenAt }) => !connected.includes(id) && now - lastSeenAt > SILENT_MS)
}

/** What came into their scope before their place is on them. */
const holders = prepared<{ userId: string; documentId: string; key: string }>()((read, param) =>
  read
    .selectFrom('device')
    .innerJoin('audience', (join) => join.onRef('audience.fromSeq', '<=', 'device.cursor'))
    .select(['device.id', 'device.lastSeenAt'])
    .where('device.userId', '=', param('userId'))
    .where('device.revokedAt', 'is', null)
    .where('audience.documentId', '=', param('documentId'))
    .where('audience.key', '=', param('key'))
    .where('audience.toSeq', 'is', null),
)
