/** Those whom the server of a run tells of things, and who may take their time: a mail server and a receiver of webhooks. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Config } from '@rejoin/server/operations/config/config.ts'
import { startMailServer } from '../../harness/mail-server.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLjOK'

export type Outside = Awaited<ReturnType<typeof openOutside>>

export async function openOutside() {
  const mail = await startMailServer()
  const held: ServerResponse[] = []
  let isSlow = false
  const receiver = createServer((_request, response) => {
    if (isSlow) held.push(response)
    else response.end()
  })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const { port } = receiver.address() as AddressInfo
  const settings: Partial<Config> = { mail: mail.settings.mail, webhook: { secret: SECRET, allowsPrivate: true } }
  return {
    webhookUrl: `http://127.0.0.1:${port}/hook`,
    settings,
    environment: {
      REJOIN_SMTP_URL: mail.url,
      REJOIN_MAIL_FROM: 'help@example.com',
      REJOIN_WEBHOOK_SECRET: SECRET,
      REJOIN_WEBHOOK_PRIVATE: 'yes',
    },
    /** The Message-IDs of the letters that arrived, in their order. */
    letters: () => mail.received.map(({ email }) => email.messageId ?? ''),
    /** Takes letters, and says nothing more. */
    slowMail: () => mail.fallSilent(),
    /** Takes calls, and answers none. */
    slowWebhook(): void {
      isSlow = true
    },
    /** Everybody answers at once again. */
    relent(): void {
      isSlow = false
      mail.relent()
      mail.hangUp()
      for (const response of held.splice(0)) response.end()
    },
    async [Symbol.asyncDispose](): Promise<void> {
      receiver.closeAllConnections()
      receiver.close()
      await mail[Symbol.asyncDispose]()
    },
  }
}
