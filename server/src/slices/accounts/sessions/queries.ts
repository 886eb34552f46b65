/** Reading sessions. */
import { sql } from 'kysely'
import type { ParsedOf } from '@rejoin/shared/contract/operation.ts'
import { isBeyond } from '../../../core/input/paging.ts'
import type { QueryContext } from '../../../core/api/procedures.ts'
import { getPerson, mustAnywhere } from '../queries.ts'
import type { sessions } from '../contract/sessions.ts'

/** One's own sessions, or somebody else's for an administrator; the one that was used last first. */
export async function sessionsOf(
  { read, actor, sessionId, now }: QueryContext,
  { userId = actor.id, limit, after }: ParsedOf<typeof sessions>,
) {
  if (userId !== actor.id) {
    mustAnywhere(actor, 'session.manage')
    getPerson(read, userId)
  }
  const lastSeenAt = sql<number>`coalesce("lastSeenAt", 0)`
  let select = read
    .selectFrom('session')
    .select(['id', 'device', 'address', 'userAgent', 'createdAt', 'lastSeenAt', 'expiresAt'])
    .where('userId', '=', userId)
    .where('expiresAt', '>', now)
    .where('endCode', 'is', null)
  if (after !== undefined) {
    select = select.where(
      isBeyond('desc', [
        [lastSeenAt, after.lastSeenAt ?? 0],
        [sql.ref('id'), after.id],
      ]),
    )
  }
  const rows = await select.orderBy(lastSeenAt, 'desc').orderBy('id', 'desc').limit(limit).execute()
  return rows.map((row) => ({ ...row, isCurrent: row.id === sessionId }))
}
