/**
 * The one rule for mail addresses, at every door. It takes the addresses that mail servers take (RFC 5321 and 5322),
 * without the forms that nobody uses: quoted local parts, comments, addresses of machines by number.
 *
 * 1. A domain is kept in its ASCII form, in small letters: `bücher.example` is `xn--bcher-kva.example`. So equal
 *    domains are equal text, every SMTP server takes the address, and a letter that only looks like another one is
 *    seen.
 * 2. The part before the @ is kept as it was typed, and compared without regard to capital letters of ASCII.
 * 3. Beyond ASCII the part before the @ is refused: it needs SMTPUTF8 on every machine on the way.
 */
import { z } from 'zod'

const MAX_LOCAL = 64
const MAX_DOMAIN = 253
export const MAX_EMAIL = 254

/** RFC 5322, a `dot-atom`. */
const LOCAL = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/
/** The characters of a written domain, before its ASCII form; the last three are dots of East Asia. */
const WRITTEN = /^[-.\p{L}\p{M}\p{N}\u3002\uFF0E\uFF61]+$/u
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** The address in the form in which it is kept and compared, without space around it. */
export const Email = z.string().transform((text, context): string => {
  const typed = text.trim()
  const fault = emailFault(typed)
  if (fault === null) return comparable(typed)
  context.addIssue({ code: 'custom', message: fault })
  return z.NEVER
})

/**
 * Typed text in the form in which addresses are kept, so that it finds the person who has it. For signing in: text that
 * is no address stays as it is, and so does an address that an earlier rule took.
 */
export function comparable(text: string): string {
  const typed = text.trim()
  const at = typed.lastIndexOf('@')
  const domain = asciiDomain(typed.slice(at + 1))
  return at < 1 || domain === null ? typed : `${typed.slice(0, at)}@${domain}`
}

/** The fault of an address, as the end of a sentence; null for a good one. */
function emailFault(typed: string): string | null {
  const at = typed.lastIndexOf('@')
  if (at < 1 || at === typed.length - 1) return 'is not an address such as ada@example.com'
  const [local, domain] = [typed.slice(0, at), typed.slice(at + 1)]
  if (local.length > MAX_LOCAL) return `has ${local.length} characters before the @, and mail servers take ${MAX_LOCAL}`
  if (/[^\0-\x7F]/.test(local)) return 'has characters beyond ASCII before the @, which few mail servers take'
  if (!LOCAL.test(local)) return `has something before the @ that mail servers do not take`
  const ascii = asciiDomain(domain)
  if (ascii === null) return 'has no domain such as example.com after the @'
  if (local.length + 1 + ascii.length > MAX_EMAIL) return `has more than ${MAX_EMAIL} characters`
  return null
}

/** A domain such as `example.com` in small letters of ASCII; null for text that is no domain. */
export function asciiDomain(written: string): string | null {
  if (written.length > MAX_DOMAIN || !WRITTEN.test(written)) return null
  const host = URL.parse(`http://${written}`)?.hostname ?? ''
  const labels = host.split('.')
  const isDomain = host.length <= MAX_DOMAIN && labels.length > 1 && labels.every((label) => LABEL.test(label))
  return isDomain && /[a-z]/.test(labels.at(-1) ?? '') ? host : null
}
