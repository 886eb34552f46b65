/** What values of settings look like, each with what is wrong with one that does not. */
import { readFileSync } from 'node:fs'
import { Cron } from 'croner'
import { z } from 'zod'
import { KEY_BYTES } from './core/secrets.ts'
import { secretFault } from './webhooks/secret.ts'

export const CronPattern = z.string().refine(isCronPattern, 'is not a cron pattern such as "*/30 * * * * *"')

export const Origin = z
  .string()
  .refine(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'is not an origin such as https://desk.example.com',
  )
export const SmtpUrl = z.string().refine((url) => URL.canParse(url) && /^smtps?:$/.test(new URL(url).protocol), {
  message: 'is not an SMTP address such as smtps://user:password@mail.example.com',
})

export const WebhookSecret = z.string().superRefine((secret, context) => {
  const fault = secretFault(secret)
  if (fault !== null) context.addIssue({ code: 'custom', message: fault })
})

/** The text of the file at a path: how a secret is kept out of the environment. */
export const FileText = z.string().transform((path, context) => {
  try {
    return readFileSync(path, 'utf8').trim()
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
  context.addIssue({ code: 'custom', message: 'is no key: it must hold 32 bytes in base64' })
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
