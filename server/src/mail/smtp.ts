/**
 * Hands letters to a mail server, one attempt each. It tells apart what may be tried again, what the server refuses for
 * good, and what it may or may not have taken. The only file that knows Nodemailer.
 */
import { PassThrough } from 'node:stream'
import type { Transporter } from 'nodemailer'
import type { Sender } from '../core/outbox.ts'
import { Undelivered } from '../core/outbox.ts'
import { writeLetter } from './letters.ts'
import { htmlOf, textOf } from './render.ts'
import type { Mail } from './tables.ts'

const PATIENCE = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 }

/** Automatic, so that no responder answers it (RFC 3834; the second is what Exchange looks for). */
const HEADERS = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' }

interface SmtpError extends Error {
  readonly responseCode?: number
  readonly command?: string
}

/** `smtpUrl` is where to, `publicUrl` what links begin with. */
export function smtpSender({ smtpUrl, from }: { smtpUrl: string; from: string }, publicUrl: string): Sender<Mail> {
  const host = /@([^@>]+)>?$/.exec(from)?.[1] ?? 'localhost'
  return async ({ id, payload: { to, letter: name, fields } }) => {
    const letter = writeLetter(name, fields, (path) => `${publicUrl}${path}`)
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
    }
    const progress = { handedOver: false }
    try {
      await watched(await transportTo(smtpUrl), progress).sendMail(message)
    } catch (error) {
      throw judged(error as SmtpError, progress.handedOver)
    }
  }
}

/** Why the mail server would take nothing from us; null when it would. Nothing is sent. */
export async function smtpProblem({ smtpUrl }: { smtpUrl: string }): Promise<string | null> {
  const transport = await transportTo(smtpUrl)
  try {
    await transport.verify()
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    transport.close()
  }
}

/** Nodemailer is loaded when it is first needed: a server that sends no mail does not carry it. */
async function transportTo(url: string): Promise<Transporter> {
  const { createTransport } = await import('nodemailer')
  return createTransport({ url, ...PATIENCE })
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
  const { responseCode, command = '', message } = error
  if (responseCode === undefined) return handedOver ? new Undelivered('unknown', message) : error
  // Other commands are refused because of who we are or how we are set up, which may be mended.
  const isAboutMessage = command === 'RCPT TO' || command === 'DATA'
  return responseCode >= 500 && isAboutMessage ? new Undelivered('rejected', message) : error
}
