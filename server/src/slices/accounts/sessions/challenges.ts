/**
 * Between the password and the second step. A challenge is no session and is kept apart from them: no door takes its
 * token for one, so nobody can do anything with it but finish signing in.
 */
import type { Selectable } from 'kysely'
import { z } from 'zod'
import { Refusal } from '@rejoin/shared/errors.ts'
import { command, type CommandContext } from '../../../core/command.ts'
import type { Commits } from '../../../core/commit/commit.ts'
import type { Read, Tx } from '../../../core/storage/db.ts'
import { SYSTEM_ID } from '../../../core/ids.ts'
import { JUMP_MS } from '../../../core/runtime/steadiness.ts'
import { getActor } from '../queries.ts'
import { startSession } from '../sessions.ts'
import { noteSignIn } from './places.ts'
import { hashToken, newToken } from '../tokens.ts'
import type { SignedIn } from '../contract/sessions.ts'
import type { ChallengeTable } from './tables.ts'

export type Challenge = Selectable<ChallengeTable>

const LASTS_MS = 10 * 60_000

export async function startChallenge(
  { tx, now }: Pick<CommandContext, 'tx' | 'now'>,
  { userId, opens, device }: Pick<Challenge, 'userId' | 'opens' | 'device'>,
): Promise<SignedIn> {
  const token = newToken()
  const expiresAt = now + LASTS_MS
  await tx
    .insertInto('challenge')
    .values({ id: hashToken(token), userId, opens, device, expiresAt })
    .execute()
  return { userId, token, opens, expiresAt }
}

export function findChallenge(read: Read, now: number, token: string): Promise<Challenge | undefined> {
  const select = read.selectFrom('challenge').selectAll().where('id', '=', hashToken(token))
  const latest = now + LASTS_MS + JUMP_MS
  return select.where('expiresAt', '>', now).where('expiresAt', '<=', latest).executeTakeFirst()
}

/** The challenge of a token. Throws `Refusal('unauthenticated')` if there is none or its person may not sign in. */
export async function getChallenge(
  { tx, now }: Pick<CommandContext, 'tx' | 'now'>,
  token: string,
  opens: Challenge['opens'],
): Promise<Challenge> {
  const challenge = await findChallenge(tx, now, token)
  if (challenge?.opens !== opens) {
    throw new Refusal('unauthenticated', 'This sign-in has ended or expired.', 'Sign in again with the password.')
  }
  getActor(tx, challenge.userId)
  return challenge
}

/** Turns the challenge into a session with a token of its own: the challenge's token opens nothing any more. */
export async function fulfil(context: CommandContext, { id, userId, device }: Challenge): Promise<SignedIn> {
  await context.tx.deleteFrom('challenge').where('id', '=', id).execute()
  await noteSignIn(context, userId)
  return { userId, opens: 'session', ...(await startSession(context, userId, device)) }
}

/** Ends a person's waiting challenges, after a change of how they sign in, or when an administrator ends their access. */
export async function dropChallenges(tx: Tx, userId: string): Promise<void> {
  await tx.deleteFrom('challenge').where('userId', '=', userId).execute()
}

export async function forgetChallenges(commits: Commits): Promise<void> {
  await commits.commitOrThrow(forget, undefined, { actorId: SYSTEM_ID })
}

const forget = command({
  name: 'challenge.forget',
  input: z.void(),
  async run({ tx, now }) {
    await tx.deleteFrom('challenge').where('expiresAt', '<=', now).execute()
  },
})
