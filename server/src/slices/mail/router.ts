import { mutation, query, router } from '../../core/api/procedures.ts'
import { discardMail, retryMail, sendTestMail } from './commands.ts'
import { failedMail, MailPage, waitingMail } from './queries.ts'

export const mail = router({
  failed: query(MailPage, failedMail),
  waiting: query(MailPage, waitingMail),
  retry: mutation(retryMail),
  discard: mutation(discardMail),
  sendTest: mutation(sendTestMail),
})
