/** Receivers that are slow, silent, or send a word now and then keep no others waiting, and are given up in time. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { createLog } from '@rejoin/server/core/runtime/log.ts'
import { SYSTEM_ID } from '@rejoin/server/core/ids.ts'
import { Undelivered, type Sender } from '@rejoin/server/core/outbox/outbox.ts'
import { PATIENCE, smtpProblem, smtpSender, type Patience } from '@rejoin/server/slices/mail/smtp.ts'
import { webhookSender } from '@rejoin/server/slices/webhooks/sender.ts'
import { rowsOnDisk } from '../harness/database.ts'
import { startMailServer } from '../harness/mail-server.ts'
import { sendProbe } from '../harness/probes.ts'
import { startWorld, type World } from '../harness/world.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const SECRET = 'a secret of more than 24 characters'
const FROM = 'Rejoin <help@example.com>'
const BOB = { to: 'bob@example.org', letter: 'welcome', fields: { name: 'Bob' } } as const
/** In place of minutes. */
const SHORT: Patience = { connectionTimeout: 400, greetingTimeout: 400, socketTimeout: 400, totalMs: 800 }

type Probe = Sender<{ text: string }>

/** A listener on loopback that passes each connection to `take`. */
async function listenAnd(take: (socket: Socket) => void) {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => void open.delete(socket))
    take(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.dispose]() {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}

/** Sends `text` for as long as somebody listens, a little at a time. */
function trickle(socket: Socket, text: string): void {
  const timer = setInterval(() => socket.write(text), 50)
  socket.on('close', () => clearInterval(timer))
}

/** A mail server that answers as usual until the step at which it does `stall` instead. */
function mailServer(step: string, stall: (socket: Socket) => void, extension = '') {
  return (socket: Socket) => {
    const heard: string[] = []
    let isContent = false
    const answer = (at: string, text: string) => (at === step ? stall(socket) : socket.write(text))
    answer('greeting', '220 here\r\n')
    socket.on('data', (data: Buffer) => {
      heard.push(data.toString())
      const text = data.toString()
      if (isContent) {
        if (!heard.join('').endsWith('\r\n.\r\n')) return
        isContent = false
        answer('content', '250 taken\r\n')
      } else if (text.startsWith('EHLO')) answer('hello', `250-here\r\n${extension}250 8BITMIME\r\n`)
      else if (text.startsWith('MAIL')) answer('sender', '250 yes\r\n')
      else if (text.startsWith('RCPT')) answer('recipient', '250 yes\r\n')
      else if (text.startsWith('DATA')) {
        isContent = step !== 'data'
        answer('data', '354 go on\r\n')
      } else socket.write(text.startsWith('STARTTLS') ? '454 not now\r\n' : '250 yes\r\n')
    })
  }
}

function smtpTo(port: number, patience?: Patience) {
  return smtpSender({ smtpUrl: `smtp://127.0.0.1:${port}`, from: FROM }, 'https://help.example.com', patience)
}

async function send(world: World, ...texts: string[]): Promise<void> {
  for (const text of texts) await world.app.commits.commitOrThrow(sendProbe, { text }, { actorId: SYSTEM_ID })
}

/** A sender to receivers of which those named `slow` answer when the test says so. */
function slowSender(room: Pick<Probe, 'atOnce' | 'atOnceToOne'>) {
  const [begun, taken]: [string[], string[]] = [[], []]
  const slow = Promise.withResolvers<void>()
  const quick = Promise.withResolvers<void>()
  const probe: Probe = {
    ...room,
    receiverOf: ({ text }) => text.split(' ')[0] ?? '',
    async deliver({ payload: { text } }, signal) {
      begun.push(text)
      if (text.startsWith('slow')) await Promise.race([slow.promise, once(signal, 'abort')])
      taken.push(text)
      if (text.startsWith('quick')) quick.resolve()
    },
  }
  return { senders: { probe }, begun, taken, slow, quick: quick.promise }
}

it('sends to others while hundreds of messages wait for a slow receiver', async () => {
  const { senders, begun, slow, quick } = slowSender({ atOnce: 4, atOnceToOne: 2 })
  await using world = await startWorld({ senders })
  await send(world, ...Array.from({ length: 120 }, (_, index) => `slow ${index}`), 'quick')
  const sent = world.advance(5 * SECOND)
  await quick
  expect(begun).toEqual(['slow 0', 'slow 1', 'quick'])
  slow.resolve()
  await sent
  expect(rowsOnDisk(world.dataDir, 'select count(*) as sent from outbox where sentAt is not null')).toEqual([
    { sent: 121 },
  ])
})

it('sends what comes later while a message is under way for minutes', async () => {
  const { senders, taken, slow, quick } = slowSender({ atOnce: 4, atOnceToOne: 1 })
  await using world = await startWorld({ senders })
  await send(world, 'slow')
  const first = world.advance(5 * SECOND)
  await send(world, 'quick')
  const second = world.advance(5 * SECOND)
  await quick
  expect(taken).toEqual(['quick'])
  slow.resolve()
  await Promise.all([first, second])
})

it('sends mail while systems that are called do not answer', async () => {
  using silent = await listenAnd(() => undefined)
  await using post = await startMailServer()
  const settings = { ...post.settings, webhook: { secret: SECRET, allowsPrivate: true } }
  await using world = await startWorld({ settings })
  const { api } = await world.desk()
  await world.app.db.writer
    .insertInto('outbox')
    .values(
      Array.from({ length: 30 }, (_, index) => ({
        id: `hook-${index}`,
        kind: 'webhook' as const,
        payload: JSON.stringify({ url: `http://127.0.0.1:${silent.port}/`, body: {} }),
        createdAt: world.app.now(),
        attempts: 0,
        nextAttemptAt: world.app.now(),
      })),
    )
    .execute()
  await api.mail.sendTest.mutate()
  const arrived = post.arrival()
  world.clock.advance(5 * SECOND)
  await world.app.jobs.runDue()
  await arrived
  await world.restart()
  expect(rowsOnDisk(world.dataDir, `select distinct setAside, sentAt from outbox where kind = 'webhook'`)).toEqual([
    { setAside: null, sentAt: null },
  ])
})

it('does not send a message again whose result could not be written, and writes it when there is room', async () => {
  const attempts: string[] = []
  let afterwards = async () => {}
  const probe: Probe = {
    atOnce: 1,
    atOnceToOne: 1,
    receiverOf: () => '',
    async deliver({ id }) {
      attempts.push(id)
      await afterwards()
    },
  }
  await using world = await startWorld({ senders: { probe }, log: createLog('silent') })
  const limit = (pages: number) => sql`pragma max_page_count = ${sql.lit(pages)}`.execute(world.app.db.writer)
  await send(world, 'Hello')
  // Marking a message as sent fills the disk, so that nothing fits any more.
  afterwards = async () => {
    await sql`create table filling (bytes blob)`.execute(world.app.db.writer)
    await sql`create trigger full before update of sentAt on outbox begin insert into filling values (zeroblob(1000000)); end`.execute(
      world.app.db.writer,
    )
    const [size] = rowsOnDisk(world.dataDir, 'pragma page_count')
    await limit(Number(size?.['page_count']))
  }
  for (let times = 0; times < 5; times += 1) await world.advance(HOUR)
  expect(attempts).toHaveLength(1)
  await limit(1_000_000)
  await sql`drop trigger full`.execute(world.app.db.writer)
  await sql`drop table filling`.execute(world.app.db.writer)
  await world.advance(HOUR)
  expect(attempts).toHaveLength(1)
  const rows = rowsOnDisk(world.dataDir, 'select attempts, attemptAt, sentAt is null as waits from outbox')
  expect(rows).toEqual([{ attempts: 1, attemptAt: null, waits: 0 }])
})

it('writes the results of all messages that could not be written, and sends none of them again', async () => {
  const attempts: string[] = []
  let release: () => void = () => undefined
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const probe: Probe = {
    atOnce: 3,
    atOnceToOne: 3,
    receiverOf: () => '',
    async deliver({ id }) {
      attempts.push(id)
      await gate
    },
  }
  await using world = await startWorld({ senders: { probe }, log: createLog('silent') })
  for (const text of ['one', 'two', 'three']) await send(world, text)
  world.clock.advance(HOUR)
  await world.app.jobs.runDue()
  while (attempts.length < 3) await new Promise((resolve) => setImmediate(resolve))
  const { writer } = world.app.db
  await sql`create trigger full before update of sentAt on outbox when new.sentAt is not null begin select raise(fail, 'database or disk is full'); end`.execute(
    writer,
  )
  release()
  for (let times = 0; times < 4; times += 1) await world.advance(HOUR)
  await sql`drop trigger full`.execute(writer)
  await world.advance(HOUR)
  await world.advance(HOUR)
  expect(attempts).toHaveLength(3)
  const rows = rowsOnDisk(world.dataDir, 'select attemptAt, sentAt is null as waits, setAside from outbox')
  expect(rows).toEqual([1, 2, 3].map(() => ({ attemptAt: null, waits: 0, setAside: null })))
})

it('gives a mail server the minutes that RFC 5321 gives it, and a letter an end', () => {
  expect(PATIENCE.greetingTimeout).toBeGreaterThanOrEqual(5 * MINUTE)
  // The library's time to connect includes the greeting.
  expect(PATIENCE.connectionTimeout).toBeGreaterThanOrEqual(PATIENCE.greetingTimeout + 2 * MINUTE)
  expect(PATIENCE.socketTimeout).toBeGreaterThanOrEqual(10 * MINUTE)
  expect(PATIENCE.totalMs).toBeLessThanOrEqual(30 * MINUTE)
})

const AGAIN = null
/** The fate of a letter where the server stalls at a step: it may have it only once the content is on its way. */
it.each([
  { step: 'greeting', how: 'is silent', setAside: AGAIN },
  { step: 'greeting', how: 'trickles', setAside: AGAIN },
  { step: 'hello', how: 'is silent', setAside: AGAIN },
  { step: 'hello', how: 'trickles', setAside: AGAIN },
  { step: 'content', how: 'is silent', setAside: 'unknown' },
  { step: 'content', how: 'trickles', setAside: 'unknown' },
])('gives up a mail server that $how at the $step', async ({ step, how, setAside }) => {
  const stall = how === 'trickles' ? (socket: Socket) => trickle(socket, '250-wait\r\n') : () => undefined
  using server = await listenAnd(mailServer(step, stall))
  await using world = await startWorld({ senders: { mail: smtpTo(server.port, SHORT) } })
  const { api } = await world.desk()
  await api.mail.sendTest.mutate()
  await world.advance(5 * SECOND)
  expect(rowsOnDisk(world.dataDir, 'select attempts, attemptAt, setAside, sentAt from outbox')).toEqual([
    { attempts: 1, attemptAt: null, setAside, sentAt: null },
  ])
})

it.each(['greeting', 'hello'])('tells the operator in time that a mail server stalls at the %s', async (step) => {
  for (const stall of [() => undefined, (socket: Socket) => trickle(socket, '250-wait\r\n')]) {
    using server = await listenAnd(mailServer(step, stall))
    expect(await smtpProblem({ smtpUrl: `smtp://127.0.0.1:${server.port}` }, SHORT)).toEqual(expect.any(String))
  }
})

it.each([
  { step: 'greeting', setAside: AGAIN },
  { step: 'content', setAside: 'unknown' },
])('gives up a mail server that stalls at the $step when the server stops', async ({ step, setAside }) => {
  const stalled = Promise.withResolvers<void>()
  using server = await listenAnd(mailServer(step, () => stalled.resolve()))
  const stop = new AbortController()
  const sending = smtpTo(server.port)
    .deliver({ id: 'one', payload: BOB }, stop.signal)
    .catch((error: unknown) => error)
  await stalled.promise
  stop.abort(new Error('The server stopped while sending this message.'))
  const error = await sending
  expect(error instanceof Undelivered ? error.setAside : AGAIN).toBe(setAside)
  expect(String(error)).toContain('stopped')
})

it.each([
  ['is silent', () => undefined],
  [
    'sends a status that does not end',
    (socket: Socket) => {
      socket.write('HTTP/1.1 200 ')
      trickle(socket, 'O')
    },
  ],
  ['says that it goes on, again and again', (socket: Socket) => trickle(socket, 'HTTP/1.1 102 Processing\r\n\r\n')],
  [
    'sends headers that do not end',
    (socket: Socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      trickle(socket, 'x: y\r\n')
    },
  ],
] as const)('gives up a call of a system that %s', async (_how, stall) => {
  using other = await listenAnd(stall)
  const call = webhookSender({ secret: SECRET, allowsPrivate: true }, Date.now, 300)
  const payload = { url: `http://127.0.0.1:${other.port}/`, body: {} }
  const calling = call.deliver({ id: 'one', payload }, new AbortController().signal)
  await expect(calling).rejects.toThrow('did not answer in 0.3 s')
})

/** The address 0.0.0.0 leads to this machine, and is none of its own names. */
it.each([
  { offers: 'no TLS', extension: '250-AUTH PLAIN LOGIN\r\n' },
  { offers: 'TLS and then none', extension: '250-AUTH PLAIN LOGIN\r\n250-STARTTLS\r\n' },
])('sends no password to another machine that offers $offers', async ({ extension }) => {
  const heard: string[] = []
  using server = await listenAnd((socket) => {
    socket.on('data', (data: Buffer) => heard.push(data.toString()))
    mailServer('', () => undefined, extension)(socket)
  })
  for (const options of ['', '?requireTLS=false', '?ignoreTLS=true']) {
    const smtpUrl = `smtp://ada:hunter2@0.0.0.0:${server.port}${options}`
    const mail = smtpSender({ smtpUrl, from: FROM }, 'https://help.example.com', SHORT)
    await expect(mail.deliver({ id: 'one', payload: BOB }, new AbortController().signal)).rejects.toThrow('TLS')
    expect(await smtpProblem({ smtpUrl }, SHORT)).toContain('TLS')
  }
  expect(heard.join('')).toContain('STARTTLS')
  expect(heard.join('')).not.toMatch(/AUTH|MAIL/)
})

it('calls no other machine with a password without TLS, and shows none', async () => {
  using other = await listenAnd((socket) => socket.end('HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n'))
  const call = webhookSender({ secret: SECRET, allowsPrivate: true }, Date.now)
  const to = (host: string) =>
    call.deliver(
      { id: 'one', payload: { url: `http://ada:hunter2@${host}:${other.port}/`, body: {} } },
      new AbortController().signal,
    )
  await expect(to('0.0.0.0')).rejects.toThrow('over TLS only')
  await expect(to('127.0.0.1')).rejects.toThrow(/^http:\/\/secret@127.0.0.1:\d+\/ answered 503\.$/)
})
