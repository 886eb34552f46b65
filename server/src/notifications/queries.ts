/** Reading one's notifications. */
import { storedJson } from '../core/stored-json.ts'
import type { QueryContext } from '../core/trpc.ts'

const PAGE = 100

/** The newest first; only unread ones where asked. */
export async function ownNotifications({ read, actor }: QueryContext, { unread }: { unread: boolean }) {
  let select = read.selectFrom('notification').selectAll().where('userId', '=', actor.id)
  if (unread) select = select.where('readAt', 'is', null)
  const rows = await select.orderBy('createdAt', 'desc').orderBy('id', 'desc').limit(PAGE).execute()
  return rows.map((row) => ({
    ...row,
    payload: storedJson<Record<string, unknown>>(read, row.payload, `The content of notification ${row.id}`, {}),
  }))
}
