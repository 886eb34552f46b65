/** Ending sessions: one's own, one's others, and, for an administrator, anybody's. Sockets of an ended one close at once. */
import { Refusal } from '@rejoin/shared/errors.ts'
import { audit } from '../../../core/audit.ts'
import { implement } from '../../../core/api/implement.ts'
import type { CommandContext } from '../../../core/command.ts'
import { dropChallenges } from './challenges.ts'
import { mustAnywhere, sessionTopic } from '../queries.ts'
import { startSession } from '../sessions.ts'
import * as contract from '../contract/sessions.ts'

export const logOut = implement(contract.logOut, async (context) => {
  const { actor, source } = context
  if (source?.sessionId != null) await revokeSessions(context, actor.id, { only: source.sessionId })
  return { token: null, expiresAt: 0 }
})

export const revokeSession = implement(contract.revokeSession, async (context, { sessionId }) => {
  const { tx, actor } = context
  const session = await tx
    .selectFrom('session')
    .select('userId')
    .where('id', '=', sessionId)
    .where('endCode', 'is', null)
    .executeTakeFirst()
  if (session?.userId !== actor.id) mustAnywhere(actor, 'session.manage')
  if (session === undefined) throw new Refusal('not-found', 'There is no such session.', 'It may already have ended.')
  await revokeSessions(context, session.userId, { only: sessionId })
})

export const revokeOtherSessions = implement(contract.revokeOtherSessions, async (context) => {
  const { actor, source } = context
  return { ended: await revokeSessions(context, actor.id, { but: source?.sessionId ?? null }) }
})

/** After a change of how its owner signs in: their other sessions end, and this one goes on under another token. */
export async function renewSession(context: CommandContext): Promise<contract.NewToken> {
  const { tx, actor, source } = context
  const own = tx
    .selectFrom('session')
    .select('device')
    .where('id', '=', source?.sessionId ?? '')
  const session = await own.where('userId', '=', actor.id).executeTakeFirst()
  await revokeSessions(context, actor.id)
  return startSession(context, actor.id, session?.device ?? null)
}

/** Ends a person's sessions, and what waits for a second step; or one session, or all but one. Returns how many. */
export async function revokeSessions(
  context: CommandContext,
  userId: string,
  which: { only?: string; but?: string | null } = {},
): Promise<number> {
  if (which.only === undefined) await dropChallenges(context.tx, userId)
  return endOpenSessions(context, userId, which)
}

/** As `revokeSessions`, but a sign-in that waits for a second step goes on. */
export async function endOpenSessions(
  context: CommandContext,
  userId: string,
  { only, but }: { only?: string; but?: string | null } = {},
): Promise<number> {
  const { tx, wake } = context
  const live = tx.selectFrom('session').select('id').where('userId', '=', userId).where('endCode', 'is', null)
  const rows = await live.execute()
  const ended = rows.filter(({ id }) => (only === undefined || id === only) && id !== but)
  for (const { id } of ended) {
    await tx.deleteFrom('session').where('id', '=', id).execute()
    audit(context, { type: 'session-ended', subject: 'user', subjectId: userId, payload: { session: id } })
    wake(sessionTopic(id))
  }
  return ended.length
}
