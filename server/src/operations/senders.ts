/** The senders for the messages of the outbox that the operator has configured: other messages wait. */
import type { Commits } from '../core/commit/commit.ts'
import type { Read } from '../core/storage/db.ts'
import type { Senders } from '../core/outbox/outbox.ts'
import { withFreshLinks } from '../slices/accounts/invitations/fresh-links.ts'
import { smtpSender } from '../slices/mail/smtp.ts'
import { webhookSender } from '../slices/webhooks/sender.ts'
import type { Config } from './config/config.ts'

export function sendersFor(
  { mail, webhook, publicUrl }: Pick<Config, 'mail' | 'webhook' | 'publicUrl'>,
  { read, commits, now }: { read: Read; commits: Commits; now(): number },
): Senders {
  return {
    ...(mail !== null && { mail: withFreshLinks(smtpSender(mail, publicUrl), { read, commits, now }) }),
    ...(webhook !== null && { webhook: webhookSender(webhook, now) }),
  }
}
