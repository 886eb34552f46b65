/** The step after the right password: a session, or the second step first. */
import type { Role } from '@rejoin/shared/access/access.ts'
import type { CommandContext } from '../../../core/command.ts'
import type { Read } from '../../../core/storage/db.ts'
import { getPerson } from '../queries.ts'
import { startSession } from '../sessions.ts'
import { noteSignIn } from '../sessions/places.ts'
import { startChallenge } from '../sessions/challenges.ts'
import { isEnrolled } from './codes.ts'
import type { SignedIn } from '../contract/sessions.ts'

/** From when on people of the role sign in with a second step; null when they need not. */
export async function requiredFrom(read: Read, role: Role): Promise<number | null> {
  const rule = await read.selectFrom('secondStepRule').select('requiredAt').where('role', '=', role).executeTakeFirst()
  return rule?.requiredAt ?? null
}

export async function goOn(
  context: CommandContext,
  { userId, device }: { userId: string; device: string | null },
): Promise<SignedIn> {
  const { tx, now } = context
  if (await isEnrolled(tx, userId)) return startChallenge(context, { userId, device, opens: 'second-step' })
  const requiredAt = await requiredFrom(tx, getPerson(tx, userId).role)
  if (requiredAt !== null && requiredAt <= now) return startChallenge(context, { userId, device, opens: 'enrolment' })
  await noteSignIn(context, userId)
  return { userId, opens: 'session', ...(await startSession(context, userId, device)) }
}
