/** Reading one's notifications. */
import { sql } from 'kysely'
import type { ParsedOf } from '@rejoin/shared/contract/operation.ts'
import { isBeyond } from '../../core/input/paging.ts'
import { storedJson } from '../../core/storage/stored-json.ts'
import type { QueryContext } from '../../core/api/procedures.ts'
import type { list } from './contract.ts'

/** The newest first; only unread ones where asked. */
export async function ownNotifications({ read, actor }: QueryContext, { unread, limit, after }: ParsedOf<typeof list>) {
  let select = read.selectFrom('notification').selectAll().where('userId', '=', actor.id)
  if (unread) select = select.where('readAt', 'is', null)
  if (after !== undefined) {
    select = select.where(
      isBeyond('desc', [
        [sql.ref('createdAt'), after.createdAt],
        [sql.ref('id'), after.id],
      ]),
    )
  }
  const rows = await select.orderBy('createdAt', 'desc').orderBy('id', 'desc').limit(limit).execute()
  return rows.map((row) => ({
    ...row,
    payload: storedJson<Record<string, unknown>>(read, row.payload, `The content of notification ${row.id}`, {}),
  }))
}
