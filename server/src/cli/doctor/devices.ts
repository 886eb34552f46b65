/** Reports of devices about themselves, for the operator. */
import { sql } from 'kysely'
import type { Read } from '../../core/storage/db.ts'

/**
 * The devices with waiting work, with their people and how long it has waited by `now`, as of their last contact: the
 * longest first.
 */
export async function devicesByWait(read: Read, now: number, limit: number) {
  const rows = await read
    .selectFrom('device')
    .innerJoin('user', 'user.id', 'device.userId')
    .select(['device.id as deviceId', 'user.name as person', 'oldestPendingAt'])
    .where('oldestPendingAt', 'is not', null)
    .where('revokedAt', 'is', null)
    .orderBy('oldestPendingAt')
    .limit(limit)
    .execute()
  return rows.map(({ oldestPendingAt, ...row }) => ({ ...row, waitedMs: now - (oldestPendingAt ?? now) }))
}

/** How many devices have clocks that are off by more than `maxMs`. */
export async function skewedDevices(read: Read, maxMs: number): Promise<number> {
  const { count } = await read
    .selectFrom('device')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where(sql`abs("skewMs")`, '>', maxMs)
    .executeTakeFirstOrThrow()
  return count
}
