/** The second step of signing in, and the set-up of one by somebody who may not go on without. */
import { z } from 'zod'
import { audit } from '../../../core/audit.ts'
import { command } from '../../../core/command.ts'
import { forgiveAttempt } from '../../../core/api/throttle/attempts.ts'
import { SECOND_STEP } from '../guards.ts'
import { ChallengeToken, fulfil, getChallenge } from '../sessions/challenges.ts'
import { takeCode } from './codes.ts'
import { Code, offerSecret, takeSecret } from './enrol.ts'

const WithCode = z.strictObject({ token: ChallengeToken, code: Code })

export const answerSecondStep = command({
  name: 'second-step.answer',
  input: WithCode,
  async run(context, { token, code }) {
    const challenge = await getChallenge(context, token, 'second-step')
    await takeCode(context, { userId: challenge.userId, code })
    await forgiveAttempt(context, SECOND_STEP, challenge.userId)
    return fulfil(context, challenge)
  },
})

export const beginRequired = command({
  name: 'second-step.begin-required',
  input: z.strictObject({ token: ChallengeToken }),
  async run(context, { token }) {
    const { userId } = await getChallenge(context, token, 'enrolment')
    return offerSecret(context, userId)
  },
})

export const confirmRequired = command({
  name: 'second-step.confirm-required',
  input: WithCode,
  async run(context, { token, code }) {
    const challenge = await getChallenge(context, token, 'enrolment')
    const { userId } = challenge
    const recoveryCodes = await takeSecret(context, { userId, code })
    await forgiveAttempt(context, SECOND_STEP, userId)
    audit(context, { type: 'second-step-enrolled', subject: 'user', subjectId: userId, actorId: userId })
    return { ...(await fulfil(context, challenge)), recoveryCodes }
  },
})
