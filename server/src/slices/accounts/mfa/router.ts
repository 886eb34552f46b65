/** The API of second steps. */
import { answer, byCookie } from '../../../core/api/implement.ts'
import { router } from '../../../core/api/procedures.ts'
import { proceduresOf } from '../../../core/api/router-of.ts'
import { answerSecondStep, beginRequired, confirmRequired } from './answer.ts'
import * as contract from '../contract/mfa.ts'
import { beginSecondStep, confirmSecondStep, disableSecondStep, renewRecovery } from './enrol.ts'
import { requireSecondStep, resetSecondStep, secondStep } from './rules.ts'

export const mfa = router(
  proceduresOf({
    status: answer(contract.status, secondStep),
    begin: beginSecondStep,
    confirm: confirmSecondStep,
    disable: disableSecondStep,
    renewRecoveryCodes: renewRecovery,
    answer: answerSecondStep,
    answerByCookie: byCookie(answerSecondStep),
    beginRequired,
    confirmRequired,
    confirmRequiredByCookie: byCookie(confirmRequired),
    require: requireSecondStep,
    reset: resetSecondStep,
  }),
)
