/** What values of settings look like, each with what is wrong with one that does not. */
import { isIP } from 'node:net'
import { Cron } from 'croner'
import { z } from 'zod'
import { Email } from '@rejoin/shared/email.ts'
import { KEY_BYTES } from '../../core/secrets.ts'
import { needsTls } from '../../core/runtime/needs-tls.ts'
import { readText } from '../../core/input/outside-text.ts'
import { secretFault } from '../../slices/webhooks/secret.ts'

export const CronPattern = z.string().refine(isCronPattern, 'is not a cron pattern such as "*/30 * * * * *"')

/** In decimal digits: `0x10` and `1e3` are mistakes. */
export function wholeNumber(range: z.ZodNumber) {
  const digits = z
    .string()
    .trim()
    .regex(/^-?\d{1,15}$/, 'must be a whole number')
  return digits.transform(Number).pipe(range)
}

export const Origin = z
  .string()
  .refine(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'is not an origin such as https://desk.example.com',
  )
/** A mail server. A password goes to another machine over TLS only, so nothing may say otherwise. */
export const SmtpUrl = z.string().superRefine((text, context) => {
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
export const MailFrom = z.string().transform((text, context) => {
  const [, name = '', address = text] = /^([^<>@\r\n]+)<([^<>\r\n]*)>$/.exec(text.trim()) ?? []
  const email = Email.safeParse(address)
  if (email.success) return name.trim() === '' ? email.data : `${name.trim()} <${email.data}>`
  const message = `is not an address such as Help <help@example.com>: it ${email.error.issues[0]?.message ?? ''}`
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})

/** The address by which people reach the server, without a slash at its end. */
export const PublicUrl = z.string().transform((text, context) => {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || !/^https?:\/\//i.test(text)) {
    context.addIssue({ code: 'custom', message: 'is not a URL such as https://help.example.com' })
    return z.NEVER
  }
  if (url.username !== '' || url.password !== '' || /[?#]/.test(url.href)) {
    const message =
      'has a user, a ? or a #, so links cannot begin with it: use only https://, the name, a port and a path'
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  }
  return url.href.replace(/\/+$/, '')
})

/** A name or an address to listen on; an IPv6 address may stand in brackets, as in a URL. */
export const Host = z
  .string()
  .transform((text) => text.trim().replace(/^\[(.*)\]$/, '$1'))
  .refine((host) => isIP(host) !== 0 || /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?\.?$/i.test(host), {
    message: 'is not a host name or IP address of this machine, such as 127.0.0.1, 0.0.0.0 or ::',
  })

export const WebhookSecret = z.string().superRefine((secret, context) => {
  const fault = secretFault(secret)
  if (fault !== null) context.addIssue({ code: 'custom', message: fault })
})

/** The text of the file at a path: how a secret is kept out of the environment. */
export const FileText = z.string().transform((path, context) => {
  try {
    return readText(path, { hint: 'Save it as UTF-8.' }).trim()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    context.addIssue({ code: 'custom', message: `cannot be read: ${reason}` })
    return z.NEVER
  }
})

/** What `openssl rand -base64 32` prints. */
export const Key = z.string().transform((text, context) => {
  const key = parseKey(text)
  if (key !== null) return key
  context.addIssue({ code: 'custom', message: 'does not hold a key: it must be 32 bytes in base64' })
  return z.NEVER
})

/** The bytes of a key that is written in base64; null for anything else. */
export function parseKey(text: string): Uint8Array | null {
  const plain = text.trim()
  const key = Buffer.from(plain, 'base64')
  return key.length === KEY_BYTES && key.toString('base64') === plain ? key : null
}

function isCronPattern(pattern: string): boolean {
  try {
    return new Cron(pattern, { paused: true }).nextRun() !== null
  } catch {
    return false
  }
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
