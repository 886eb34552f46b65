/** The API of email. */
import { answer } from '../../core/api/implement.ts'
import { router } from '../../core/api/procedures.ts'
import { proceduresOf } from '../../core/api/router-of.ts'
import { discardMail, retryMail, sendTestMail } from './commands.ts'
import * as contract from './contract.ts'
import { failedMail, waitingMail } from './queries.ts'

export const mail = router(
  proceduresOf({
    failed: answer(contract.failed, failedMail),
    waiting: answer(contract.waiting, waitingMail),
    retry: retryMail,
    discard: discardMail,
    sendTest: sendTestMail,
  }),
)
