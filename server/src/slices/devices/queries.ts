/** Devices as people see them: whose they are, what they are called, and how they are. */
import { sql } from 'kysely'
import type { ParsedOf } from '@rejoin/shared/contract/operation.ts'
import { may, type Actor } from '@rejoin/shared/access/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { headOf } from '../../core/storage/revisions.ts'
import type { Read } from '../../core/storage/db.ts'
import { isBeyond } from '../../core/input/paging.ts'
import type { QueryContext } from '../../core/api/procedures.ts'
import type { list } from './contract.ts'

/** The topic on which a device's connections hear that it was revoked. */
export function deviceTopic(id: string): string {
  return `device:${id}`
}

/** Whether `actor` may see and manage the devices of somebody. */
function mayManage(actor: Actor, userId: string): boolean {
  return may(actor, 'device.manage', new Set(userId === actor.id ? (['own', 'any'] as const) : (['any'] as const)))
}

/** A device that `actor` may manage. Throws `Refusal('not-found')`. */
export async function getOwnDevice(read: Read, actor: Actor, id: string) {
  const device = await read
    .selectFrom('device')
    .select(['id', 'userId', 'name', 'revokedAt'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (device !== undefined && mayManage(actor, device.userId)) return device
  throw new Refusal('not-found', `You have no device with the id ${id}.`)
}

/**
 * The devices of somebody, or of everybody for whom it is allowed; those heard of last first. All but `revokedAt` is as
 * of the last contact that was noted: a connected device is further on.
 */
export async function listDevices({ read, actor }: QueryContext, { userId, limit, after }: ParsedOf<typeof list>) {
  if (userId !== undefined && !mayManage(actor, userId)) {
    throw new Refusal('forbidden', 'Your role may see only your own devices.', 'Ask an administrator.')
  }
  const isOpen = mayManage(actor, '')
  let select = read
    .selectFrom('device')
    .innerJoin('user', 'user.id', 'device.userId')
    .select(['device.id', 'device.name', 'user.id as personId', 'user.name as personName'])
    .select(['device.createdAt as enrolledAt', 'lastSeenAt', 'oldestPendingAt', 'skewMs', 'cursor'])
    .select(['incarnation', 'formerId', 'revokedAt'])
    .orderBy('lastSeenAt', 'desc')
    .orderBy('device.id', 'desc')
    .limit(limit)
  if (after !== undefined) {
    select = select.where(
      isBeyond('desc', [
        [sql.ref('lastSeenAt'), after.lastSeenAt],
        [sql.ref('device.id'), after.id],
      ]),
    )
  }
  if (userId !== undefined || !isOpen) select = select.where('device.userId', '=', userId ?? actor.id)
  const head = headOf(read).cursor
  const rows = await select.execute()
  return rows.map(({ personId, personName, cursor, ...device }) => ({
    ...device,
    person: { id: personId, name: personName },
    behind: head - cursor,
  }))
}
