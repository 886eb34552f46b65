/** A real SMTP server on loopback that keeps the mail it takes, and answers as a test tells it to. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'

export interface Received {
  readonly from: string
  readonly to: readonly string[]
  readonly email: Email
  /** As it came over the wire. */
  readonly raw: string
}

type Step = 'sender' | 'recipient' | 'content'

/** With `account`, it takes mail only from clients that sign in with it. */
export async function startMailServer({ account }: { account?: { user: string; password: string } } = {}) {
  const received: Received[] = []
  const refusals = new Map<Step, Error>()
  let heldBack = false
  let arrived: () => void = () => undefined
  const answer = (step: Step, done: (error?: Error) => void) => done(refusals.get(step))

  const server = new SMTPServer({
    disabledCommands: account === undefined ? ['STARTTLS', 'AUTH'] : ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth({ username, password }, _session, done) {
      const fits = username === account?.user && password === account?.password
      done(fits ? null : Object.assign(new Error('Wrong'), { responseCode: 535 }), { user: username })
    },
    onMailFrom: (_address, _session, done) => answer('sender', done),
    onRcptTo: (_address, _session, done) => answer('recipient', done),
    async onData(stream, { envelope }, done) {
      // A client that hangs up meanwhile has handed over nothing.
      const raw = await text(stream).catch(() => null)
      if (raw === null) return
      if (!refusals.has('content')) {
        const { mailFrom, rcptTo } = envelope
        const from = mailFrom === false ? '' : mailFrom.address
        received.push({ from, to: rcptTo.map(({ address }) => address), email: await PostalMime.parse(raw), raw })
      }
      arrived()
      if (!heldBack) answer('content', done)
    },
  })
  // Some tests are about a client that goes away in the middle.
  server.on('error', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  const url = `smtp://${account === undefined ? '' : `${account.user}:${account.password}@`}127.0.0.1:${port}`

  return {
    url,
    received,
    /** The settings of a server that sends by this one. */
    settings: { mail: { smtpUrl: url, from: 'Rejoin <help@example.com>' }, publicUrl: 'https://help.example.com' },
    /** Answers this step so from now on. */
    refuse(step: Step, responseCode: number, message = 'No'): void {
      refusals.set(step, Object.assign(new Error(message), { responseCode }))
    },
    /** Takes everything again. */
    relent(): void {
      refusals.clear()
      heldBack = false
    },
    /** Takes the content of the next letters and answers nothing. */
    fallSilent(): void {
      heldBack = true
    },
    /** Resolves when the content of the next letter is here. */
    arrival(): Promise<void> {
      return new Promise((resolve) => {
        arrived = resolve
      })
    },
    /** Breaks every connection. */
    hangUp(): void {
      for (const connection of server.connections) connection.close()
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await new Promise<void>((resolve) => server.close(resolve))
    },
  }
}
