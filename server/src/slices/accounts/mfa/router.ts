import { z } from 'zod'
import { cookieMutation, mutation, publicMutation, query, renewal, router } from '../../../core/api/procedures.ts'
import { OWN_PASSWORD, OWN_SECOND_STEP, SECOND_STEP } from '../guards.ts'
import { answerSecondStep, beginRequired, confirmRequired } from './answer.ts'
import { beginSecondStep, confirmSecondStep, disableSecondStep, renewRecovery } from './enrol.ts'
import { requireSecondStep, resetSecondStep, secondStep } from './rules.ts'

export const mfa = router({
  status: query(z.void(), secondStep),
  begin: mutation(beginSecondStep, OWN_PASSWORD),
  confirm: renewal(confirmSecondStep, OWN_SECOND_STEP),
  disable: renewal(disableSecondStep, OWN_SECOND_STEP),
  renewRecoveryCodes: mutation(renewRecovery, OWN_SECOND_STEP),
  answer: publicMutation(answerSecondStep, SECOND_STEP),
  answerByCookie: cookieMutation(answerSecondStep, SECOND_STEP),
  beginRequired: publicMutation(beginRequired),
  confirmRequired: publicMutation(confirmRequired, SECOND_STEP),
  confirmRequiredByCookie: cookieMutation(confirmRequired, SECOND_STEP),
  require: mutation(requireSecondStep),
  reset: mutation(resetSecondStep),
})
