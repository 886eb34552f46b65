/** The second step of signing in, and the set-up of one by somebody who may not go on without. */
import { audit } from '../../../core/audit.ts'
import { implement } from '../../../core/api/implement.ts'
import { forgiveAttempt } from '../../../core/api/throttle/attempts.ts'
import { SECOND_STEP } from '../guards.ts'
import { fulfil, getChallenge } from '../sessions/challenges.ts'
import { takeCode } from './codes.ts'
import * as contract from '../contract/mfa.ts'
import { offerSecret, takeSecret } from './enrol.ts'

export const answerSecondStep = implement(contract.answer, { guard: SECOND_STEP }, async (context, { token, code }) => {
  const challenge = await getChallenge(context, token, 'second-step')
  await takeCode(context, { userId: challenge.userId, code })
  await forgiveAttempt(context, SECOND_STEP, challenge.userId)
  return fulfil(context, challenge)
})

export const beginRequired = implement(contract.beginRequired, async (context, { token }) => {
  const { userId } = await getChallenge(context, token, 'enrolment')
  return offerSecret(context, userId)
})

export const confirmRequired = implement(
  contract.confirmRequired,
  { guard: SECOND_STEP },
  async (context, { token, code }) => {
    const challenge = await getChallenge(context, token, 'enrolment')
    const { userId } = challenge
    const recoveryCodes = await takeSecret(context, { userId, code })
    await forgiveAttempt(context, SECOND_STEP, userId)
    audit(context, { type: 'second-step-enrolled', subject: 'user', subjectId: userId, actorId: userId })
    return { ...(await fulfil(context, challenge)), recoveryCodes }
  },
)
