/** The settings of mail: the server that sends it, and the sender. */
import { z } from 'zod'
import { Email } from '@rejoin/shared/email.ts'
import { ConfigError, FileText, type ValuesOf } from '../../core/input/setting.ts'
import { needsTls } from '../../core/runtime/needs-tls.ts'

/** A mail server. A password goes to another machine over TLS only, so nothing may say otherwise. */
const SmtpUrl = z.string().superRefine((text, context) => {
  const url = URL.parse(text)
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '') {
    const message = 'is not an SMTP URL such as smtps://user:password@mail.example.com'
    context.addIssue({ code: 'custom', message })
  } else if (!isDecodable(url.username) || !isDecodable(url.password)) {
    const message = 'has a % in its user or password that must be written as %25'
    context.addIssue({ code: 'custom', message })
  } else if (needsTls(url) && (url.searchParams.has('ignoreTLS') || url.searchParams.has('opportunisticTLS'))) {
    const message =
      'has a password, which is sent to another machine over TLS only: remove ignoreTLS and opportunisticTLS'
    context.addIssue({ code: 'custom', message })
  }
})

/** A sender: an address, alone or after a name in angle brackets. */
const MailFrom = z.string().transform((text, context) => {
  const [, name = '', address = text] = /^([^<>@\r\n]+)<([^<>\r\n]*)>$/.exec(text.trim()) ?? []
  const email = Email.safeParse(address)
  if (email.success) return name.trim() === '' ? email.data : `${name.trim()} <${email.data}>`
  const message = `is not an address such as Help <help@example.com>: it ${email.error.issues[0]?.message ?? ''}`
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})

export const mailSettings = {
  REJOIN_SMTP_URL: SmtpUrl.optional().describe('SMTP server that sends the emails.'),
  REJOIN_SMTP_URL_FILE: FileText.pipe(SmtpUrl).optional().describe('File with that URL, instead of REJOIN_SMTP_URL.'),
  REJOIN_MAIL_FROM: MailFrom.optional().describe('Sender address of emails.'),
}

export interface MailConfig {
  readonly smtpUrl: string
  readonly from: string
}

/** Null: mail waits in the outbox. */
export function mailConfig(data: ValuesOf<typeof mailSettings>): MailConfig | null {
  const smtpUrl = data.REJOIN_SMTP_URL ?? data.REJOIN_SMTP_URL_FILE
  const from = data.REJOIN_MAIL_FROM
  if (smtpUrl === undefined && from === undefined) return null
  if (smtpUrl !== undefined && from !== undefined) return { smtpUrl, from }
  throw new ConfigError(
    from === undefined
      ? 'REJOIN_SMTP_URL needs REJOIN_MAIL_FROM as well: a sender address such as Help <help@example.com>.'
      : 'REJOIN_MAIL_FROM needs REJOIN_SMTP_URL as well: a URL such as smtps://user:password@mail.example.com.',
  )
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
