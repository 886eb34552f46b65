/**
 * Hands letters to a mail server, one attempt each. It tells apart what may be tried again, what the server refuses for
 * good, and what it may or may not have taken. The only file that knows Nodemailer.
 */
import { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import type { Transporter } from 'nodemailer'
import { needsTls } from '../../core/runtime/needs-tls.ts'
import type { Sender } from '../../core/outbox/outbox.ts'
import { Undelivered } from '../../core/outbox/outbox.ts'
import { writeLetter } from './letters.ts'
import { htmlOf, textOf } from './render.ts'
import type { Mail } from './tables.ts'

/** For how long a mail server may take, in ms. */
export interface Patience {
  /** To connect, encrypt and greet, together. */
  readonly connectionTimeout: number
  readonly greetingTimeout: number
  /** Without a word, at any step. */
  readonly socketTimeout: number
  /** For one letter as a whole, so that a server that sends a word now and then does not hold it for good. */
  readonly totalMs: number
}

const MINUTE_MS = 60_000
/** RFC 5321, section 4.5.3.2: five minutes for the greeting and for most steps, ten for the answer to the content. */
export const PATIENCE: Patience = {
  connectionTimeout: 7 * MINUTE_MS,
  greetingTimeout: 5 * MINUTE_MS,
  socketTimeout: 10 * MINUTE_MS,
  totalMs: 30 * MINUTE_MS,
}
/** Somebody waits for the answer. */
const PATIENCE_OF_A_CHECK: Patience = {
  connectionTimeout: 15_000,
  greetingTimeout: 15_000,
  socketTimeout: 15_000,
  totalMs: 30_000,
}
/** Most mail servers take some connections at once of one client. */
const AT_ONCE = 4

/** Automatic, so that no responder answers it (RFC 3834; the second is what Exchange looks for). */
const HEADERS = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' }

interface SmtpError extends Error {
  readonly responseCode?: number
  readonly command?: string
}

/** `smtpUrl` is where to, `publicUrl` what links begin with. */
export function smtpSender(
  { smtpUrl, from }: { smtpUrl: string; from: string },
  publicUrl: string,
  patience = PATIENCE,
): Sender<Mail> {
  const host = /@([^@>]+)>?$/.exec(from)?.[1] ?? 'localhost'
  return {
    atOnce: AT_ONCE,
    // Of two letters with links to one person, the newer one comes last.
    atOnceToOne: 1,
    receiverOf: ({ to }) => to.toLowerCase(),
    async deliver({ id, payload: { to, letter: name, fields } }, stopped) {
      const letter = writeLetter(name, fields, (path) => `${publicUrl}${path}`)
      const signal = AbortSignal.any([stopped, AbortSignal.timeout(patience.totalMs)])
      const message = {
        from,
        to: { name: '', address: to },
        subject: letter.subject,
        text: textOf(letter),
        html: await htmlOf(letter),
        messageId: `<${id}@${host}>`,
        headers: HEADERS,
        disableFileAccess: true,
        disableUrlAccess: true,
        signal,
      }
      const progress = { handedOver: false }
      try {
        await watched(await transportTo(smtpUrl, patience), progress).sendMail(message)
      } catch (error) {
        throw judged(signal.aborted ? givenUp(stopped, patience) : (error as SmtpError), progress.handedOver)
      }
    },
  }
}

function givenUp(stopped: AbortSignal, { totalMs }: Patience): Error {
  if (stopped.aborted) return stopped.reason as Error
  return new Error(`The mail server did not accept the email within ${totalMs / 1000} s.`)
}

/** Why the mail server would take nothing from us; null when it would. Nothing is sent. */
export async function smtpProblem(
  { smtpUrl }: { smtpUrl: string },
  patience = PATIENCE_OF_A_CHECK,
): Promise<string | null> {
  // By the socket the check is ended, however little the server says at a time.
  const socket = new Socket()
  const transport = await transportTo(smtpUrl, patience, socket)
  const timer = setTimeout(
    () => socket.destroy(new Error(`no answer within ${patience.totalMs / 1000} s`)),
    patience.totalMs,
  )
  try {
    await transport.verify()
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    clearTimeout(timer)
    transport.close()
  }
}

/** Nodemailer is loaded when it is first needed: a server that sends no mail does not carry it. */
async function transportTo(url: string, patience: Patience, socket?: Socket): Promise<Transporter> {
  const { createTransport } = await import('nodemailer')
  const { connectionTimeout, greetingTimeout, socketTimeout } = patience
  const timeouts = { connectionTimeout, greetingTimeout, socketTimeout }
  const address = new URL(url)
  // Options in the address count before others. Without TLS, a password is not sent.
  if (needsTls(address)) address.searchParams.set('requireTLS', 'true')
  return createTransport({ url: address.href, ...timeouts, socket })
}

/** Notes in `progress` when the content begins to go out, which is after the server has greeted and let us in. */
function watched(transport: Transporter, progress: { handedOver: boolean }): Transporter {
  return transport.use('stream', (mail, done) => {
    mail.message.transform(() => {
      progress.handedOver = true
      return new PassThrough()
    })
    done()
  })
}

function judged(error: SmtpError, handedOver: boolean): Error {
  const { responseCode, command = '' } = error
  const message =
    command === 'STARTTLS'
      ? `${error.message}. Rejoin sends a password to another machine over TLS only.`
      : error.message
  if (responseCode === undefined) return handedOver ? new Undelivered('unknown', message) : error
  // Other commands are refused because of who we are or how we are set up, which may be mended.
  const isAboutMessage = command === 'RCPT TO' || command === 'DATA'
  return responseCode >= 500 && isAboutMessage ? new Undelivered('rejected', message) : error
}
