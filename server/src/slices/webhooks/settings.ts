/** The settings of webhooks: the secret that signs them, and where they may go. */
import { z } from 'zod'
import { FileText, type ValuesOf } from '../../core/input/setting.ts'
import { secretFault } from './secret.ts'

const WebhookSecret = z.string().superRefine((secret, context) => {
  const fault = secretFault(secret)
  if (fault !== null) context.addIssue({ code: 'custom', message: fault })
})

export const webhookSettings = {
  REJOIN_WEBHOOK_SECRET: WebhookSecret.optional().describe('Secret that signs webhooks.'),
  REJOIN_WEBHOOK_SECRET_FILE: FileText.pipe(WebhookSecret)
    .optional()
    .describe('File with that secret, instead of REJOIN_WEBHOOK_SECRET.'),
  REJOIN_WEBHOOK_PRIVATE: z
    .enum(['yes', 'no'])
    .default('no')
    .describe('Allow webhooks to private addresses: this machine and its network.'),
}

export interface WebhookConfig {
  readonly secret: string
  readonly allowsPrivate: boolean
}

/** Null: calls of other systems wait in the outbox. */
export function webhookConfig(data: ValuesOf<typeof webhookSettings>): WebhookConfig | null {
  const secret = data.REJOIN_WEBHOOK_SECRET ?? data.REJOIN_WEBHOOK_SECRET_FILE
  return secret === undefined ? null : { secret, allowsPrivate: data.REJOIN_WEBHOOK_PRIVATE === 'yes' }
}
