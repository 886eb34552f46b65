import { z } from 'zod'
import { mutation, query, router } from '../core/trpc.ts'
import { discardMail, retryMail, sendTestMail } from './commands.ts'
import { failedMail, waitingMail } from './queries.ts'

export const mail = router({
  failed: query(z.void(), failedMail),
  waiting: query(z.void(), waitingMail),
  retry: mutation(retryMail),
  discard: mutation(discardMail),
  sendTest: mutation(sendTestMail),
})
