/** Reading sessions. */
import type { QueryContext } from '../../core/trpc.ts'
import { getPerson, mustAnywhere } from '../queries.ts'

/** One's own sessions, or somebody else's for an administrator; the one that was used last first. */
export async function sessionsOf(
  { read, actor, sessionId, now }: QueryContext,
  { userId = actor.id }: { userId?: string | undefined },
) {
  if (userId !== actor.id) {
    mustAnywhere(actor, 'session.manage')
    getPerson(read, userId)
  }
  const rows = await read
    .selectFrom('session')
    .select(['id', 'device', 'address', 'userAgent', 'createdAt', 'lastSeenAt', 'expiresAt'])
    .where('userId', '=', userId)
    .where('expiresAt', '>', now)
    .where('endCode', 'is', null)
    .orderBy('lastSeenAt', 'desc')
    .orderBy('id')
    .execute()
  return rows.map((row) => ({ ...row, isCurrent: row.id === sessionId }))
}
