/** Calls of other systems: signed, tried again, and never to a private address unless that is allowed. */
import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { expect, it } from 'vitest'
import { keyOf, secretFault } from '@rejoin/server/slices/webhooks/secret.ts'
import { DEFAULT_POLICY } from '@rejoin/server/slices/sla/engine/terms.ts'
import { startWorld, type World } from '../harness/world.ts'

const HOUR = 3_600_000
const SECRET = 'a secret of more than 24 characters'

/** A system elsewhere that answers with these statuses in turn, then with 204. */
async function startOther(...statuses: number[]) {
  const calls: { headers: IncomingHttpHeaders; body: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      calls.push({ headers: request.headers, body })
      response.writeHead(statuses.shift() ?? 204, { location: '/elsewhere' }).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { calls, url: `http://127.0.0.1:${port}/hook`, [Symbol.dispose]: () => void server.close() }
}

async function breachThatCalls(world: World, url: string): Promise<void> {
  const { api } = await world.desk()
  const levels = [{ percent: 100, notify: [{ webhook: url }] }]
  const value = { ...DEFAULT_POLICY, targets: { resolution: { medium: 60 } }, levels }
  await api.sla.policies.edit.mutate({ policyId: 'default', value })
  await world.ticket()
  await world.advance(HOUR + 60_000)
  await world.advance(10_000)
}

it('calls with a signature that can be checked, and with the same id when it has to call again', async () => {
  using other = await startOther(503)
  await using world = await startWorld({ settings: { webhook: { secret: SECRET, allowsPrivate: true } } })
  await breachThatCalls(world, other.url)
  await world.advance(10_000)
  await world.advance(10_000)
  expect(other.calls).toHaveLength(2)
  const [first, second] = other.calls
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
  const { headers, body = '' } = second ?? {}
  const content = `${String(headers?.['webhook-id'])}.${String(headers?.['webhook-timestamp'])}.${body}`
  const signature = createHmac('sha256', SECRET).update(content).digest('base64')
  expect(headers?.['webhook-signature']).toBe(`v1,${signature}`)
  expect(JSON.parse(body)).toMatchObject({ type: 'sla-breached', number: 'TKT-0001', metric: 'resolution', level: 100 })
  expect(body).not.toContain('recipients')
})

it('signs so that the library of Standard Webhooks verifies it, by a secret with whsec_', async () => {
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  using other = await startOther()
  await using world = await startWorld({ settings: { webhook: { secret, allowsPrivate: true } } })
  await breachThatCalls(world, other.url)
  const header = (name: string) => String(other.calls[0]?.headers[name])
  // Its `verify` refuses calls that are minutes old, and the clock of the test is elsewhere.
  const at = new Date(Number(header('webhook-timestamp')) * 1000)
  const signature = new Webhook(secret).sign(header('webhook-id'), at, other.calls[0]?.body ?? '')
  expect(header('webhook-signature')).toBe(signature)
})

it('has the key of the published example of Standard Webhooks', () => {
  const content = 'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}'
  const key = keyOf('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
  const signature = createHmac('sha256', key).update(content).digest('base64')
  expect(signature).toBe('g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
})

it.each([
  { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', fault: null },
  { secret: 'a secret of more than 24 characters', fault: null },
  { secret: 'too short', fault: 'must have at least 24 characters' },
  { secret: 'whsec_c2hvcnQ=', fault: 'must have base64 of 24 to 64 bytes after whsec_' },
  { secret: 'whsec_no base64 but long enough for it', fault: 'must have base64 of 24 to 64 bytes after whsec_' },
])('takes the secret $secret or says what is wrong with it', ({ secret, fault }) => {
  expect(secretFault(secret)).toBe(fault)
})

/** All of them mean this machine. */
const HERE = [
  '127.0.0.1',
  'localhost',
  '127.0.0.1.',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '0.0.0.0',
  '0',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::127.0.0.1]',
]

it.each(HERE)('does not call %s unless that is allowed', async (host) => {
  using other = await startOther()
  await using world = await startWorld({ settings: { webhook: { secret: SECRET, allowsPrivate: false } } })
  await breachThatCalls(world, other.url.replace('127.0.0.1', host))
  expect(other.calls).toEqual([])
  const rows = await world.app.read.selectFrom('outbox').select(['setAside', 'lastError']).execute()
  expect(rows).toMatchObject([{ setAside: 'rejected' }])
  expect(rows[0]?.lastError).toContain('private address')
})

it('follows no redirect', async () => {
  using other = await startOther(307)
  await using world = await startWorld({ settings: { webhook: { secret: SECRET, allowsPrivate: true } } })
  await breachThatCalls(world, other.url)
  expect(other.calls).toHaveLength(1)
  expect(await world.app.read.selectFrom('outbox').select(['setAside', 'lastError']).execute()).toEqual([
    { setAside: 'rejected', lastError: `${other.url} answered 307.` },
  ])
})
