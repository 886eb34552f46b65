/** Reading sessions. */
import { sql } from 'kysely'
import { z } from 'zod'
import { isBeyond, pageBy } from '../../../core/input/paging.ts'
import type { QueryContext } from '../../../core/api/procedures.ts'
import { getPerson, mustAnywhere } from '../queries.ts'

/** Those of somebody; the ones behind the last of a page, by when they were used, and id. */
export const SessionPage = pageBy({ lastSeenAt: z.number().nullable(), id: z.string() })
  .extend({ userId: z.string().optional() })
  .prefault({})

/** One's own sessions, or somebody else's for an administrator; the one that was used last first. */
export async function sessionsOf(
  { read, actor, sessionId, now }: QueryContext,
  { userId = actor.id, limit, after }: z.output<typeof SessionPage>,
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
