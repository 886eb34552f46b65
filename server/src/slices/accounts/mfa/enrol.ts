/**
 * A person's own second step: set up, confirmed with a first code, removed. The person must authenticate again, with
 * password or code: a stolen session neither adds a second step nor removes one. After a change the person's other
 * sessions end, which may have been opened with the password alone, and the session that made it gets another token.
 */
import { Refusal } from '@rejoin/shared/errors.ts'
import { audit } from '../../../core/audit.ts'
import { implement } from '../../../core/api/implement.ts'
import type { CommandContext } from '../../../core/command.ts'
import type { Read } from '../../../core/storage/db.ts'
import { forgiveAttempt } from '../../../core/api/throttle/attempts.ts'
import { OWN_PASSWORD, OWN_SECOND_STEP, SECOND_STEP } from '../guards.ts'
import { checkOwnPassword } from '../own-password.ts'
import { getPerson } from '../queries.ts'
import { renewSession } from '../sessions/commands.ts'
import { dropChallenges } from '../sessions/challenges.ts'
import { isEnrolled, renewRecoveryCodes, takeCode } from './codes.ts'
import * as contract from '../contract/mfa.ts'
import { secretOf } from './sealing.ts'
import { requiredFrom } from './steps.ts'
import { invitation, newSecret, stepOf } from './totp.ts'

export const beginSecondStep = implement(
  contract.begin,
  { guard: OWN_PASSWORD, check: ({ read, actor }) => mustHaveNone(read, actor.id), prepare: checkOwnPassword },
  async (context, _input, { email }) => {
    await forgiveAttempt(context, OWN_PASSWORD, email)
    return offerSecret(context, context.actor.id)
  },
)

export const confirmSecondStep = implement(contract.confirm, { guard: OWN_SECOND_STEP }, async (context, { code }) => {
  const { id: userId } = context.actor
  const recoveryCodes = await takeSecret(context, { userId, code })
  await forgiveAttempt(context, SECOND_STEP, userId)
  audit(context, { type: 'second-step-enrolled', subject: 'user', subjectId: userId })
  return { ...(await renewSession(context)), recoveryCodes }
})

export const disableSecondStep = implement(contract.disable, { guard: OWN_SECOND_STEP }, async (context, { code }) => {
  const { tx, now, actor } = context
  await mustKnowCode(context, code)
  const requiredAt = await requiredFrom(tx, getPerson(tx, actor.id).role)
  if (requiredAt !== null && requiredAt <= now) {
    throw new Refusal('conflict', 'Your role requires a second step.', 'Ask an administrator.')
  }
  await removeSecondStep(context, actor.id)
  return renewSession(context)
})

export const renewRecovery = implement(
  contract.renewRecoveryCodes,
  { guard: OWN_SECOND_STEP },
  async (context, { code }) => {
    const { tx, actor } = context
    await mustKnowCode(context, code)
    audit(context, { type: 'recovery-codes-renewed', subject: 'user', subjectId: actor.id })
    return { recoveryCodes: await renewRecoveryCodes(tx, actor.id) }
  },
)

async function mustKnowCode(context: CommandContext, code: string): Promise<void> {
  await takeCode(context, { userId: context.actor.id, code })
  await forgiveAttempt(context, SECOND_STEP, context.actor.id)
}

/** A new secret, which counts once a code of it was given. Throws `Refusal('conflict')` if there is a second step. */
export async function offerSecret({ tx, now, secrets }: CommandContext, userId: string) {
  await mustHaveNone(tx, userId)
  const secret = newSecret()
  const row = { userId, secret: secrets.seal(secret, userId), createdAt: now, confirmedAt: null, lastStep: 0 }
  await tx
    .insertInto('totp')
    .values(row)
    .onConflict((conflict) => conflict.column('userId').doUpdateSet(row))
    .execute()
  const { email } = await tx.selectFrom('user').select('email').where('id', '=', userId).executeTakeFirstOrThrow()
  return invitation(secret, email)
}

async function mustHaveNone(read: Read, userId: string): Promise<void> {
  if (!(await isEnrolled(read, userId))) return
  throw new Refusal('conflict', 'You already have a second step.', 'Disable it first.')
}

/** Takes the first code of an offered secret, which is the second step from now on. Returns the codes for recovery. */
export async function takeSecret(
  { tx, now, secrets }: CommandContext,
  { userId, code }: { userId: string; code: string },
): Promise<string[]> {
  const offered = tx.selectFrom('totp').selectAll().where('userId', '=', userId).where('confirmedAt', 'is', null)
  const totp = await offered.executeTakeFirst()
  if (totp === undefined)
    throw new Refusal('conflict', 'You have not begun to set up a second step.', 'Begin it first.')
  const step = stepOf(secretOf({ secrets }, totp), code.replaceAll(/\s/g, ''), { now, lastStep: totp.lastStep })
  if (step === null) {
    throw new Refusal('wrong-credentials', 'code: this is not the current code.', 'Check the clock of the device.')
  }
  await tx.updateTable('totp').set({ confirmedAt: now, lastStep: step }).where('userId', '=', userId).execute()
  return renewRecoveryCodes(tx, userId)
}

export async function removeSecondStep(context: CommandContext, userId: string): Promise<void> {
  const { tx } = context
  await tx.deleteFrom('totp').where('userId', '=', userId).execute()
  await tx.deleteFrom('recoveryCode').where('userId', '=', userId).execute()
  await dropChallenges(tx, userId)
  audit(context, { type: 'second-step-removed', subject: 'user', subjectId: userId })
}
