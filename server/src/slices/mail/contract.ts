/** The operations on email that has not gone out. */
import { z } from 'zod'
import { declare, declareQuery } from '@rejoin/shared/contract/declare.ts'
import { Id, Instant } from '@rejoin/shared/values.ts'
import { pageBy } from '../../core/input/paging.ts'
import { LETTER_NAMES } from './letters.ts'

const MailPage = pageBy({ createdAt: z.number(), id: z.string() }).prefault({})
export type MailPage = z.output<typeof MailPage>

const SomeMail = z.strictObject({ mailIds: z.array(Id).min(1).max(200) })

const Unsent = z.object({
  id: z.string(),
  /** Empty where the disk has damaged it. */
  to: z.string(),
  letter: z.enum(LETTER_NAMES),
  createdAt: Instant,
  attempts: z.int(),
  lastError: z.string().nullable(),
})

export const failed = declareQuery({
  name: 'mail.failed',
  input: MailPage,
  /** `unknown`: it may have gone out or not. `exhausted`: it failed too often. */
  output: z.array(Unsent.extend({ setAside: z.enum(['rejected', 'exhausted', 'unknown']).nullable() })),
  action: 'mail.manage',
  codes: [],
  rest: 'GET /emails/failed',
  doc: 'Lists the emails that are set aside until an administrator decides, the oldest first.',
})

export const waiting = declareQuery({
  name: 'mail.waiting',
  input: MailPage,
  output: z.array(Unsent.extend({ nextAttemptAt: Instant })),
  action: 'mail.manage',
  codes: [],
  rest: 'GET /emails/waiting',
  doc: 'Lists the emails that are still to be sent, the oldest first.',
})

export const retry = declare({
  name: 'mail.retry',
  input: SomeMail,
  output: z.object({ retried: z.int() }),
  action: 'mail.manage',
  codes: [],
  rest: 'POST /emails/retry',
  doc: 'Sends emails that are set aside again.',
})

export const discard = declare({
  name: 'mail.discard',
  input: SomeMail,
  output: z.object({ discarded: z.int() }),
  action: 'mail.manage',
  codes: [],
  rest: 'POST /emails/discard',
  doc: 'Removes emails that are set aside without sending them.',
})

export const sendTest = declare({
  name: 'mail.send-test',
  input: z.strictObject({}).default({}),
  output: z.object({ to: z.string() }),
  action: 'mail.manage',
  codes: ['conflict'],
  rest: 'POST /emails/test',
  doc: 'Sends a test email to the caller’s own address.',
})
