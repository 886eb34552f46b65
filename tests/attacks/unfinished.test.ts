/** Requests that never come to an end are hung up on, at every route, and nobody else notices. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { LIMITS } from '@rejoin/server/doors/sync/admission.ts'
import { startWorld, type World } from '../harness/world.ts'

/** Sends `text` and no more. Resolves with the whole answer when the server has hung up. */
async function answerTo(world: World, text: string): Promise<string> {
  const socket = connect(Number(new URL(world.url).port), '127.0.0.1')
  let answer = ''
  socket.on('data', (data) => {
    answer += data.toString()
  })
  // A server may also reset a connection that it gives up.
  socket.on('error', () => undefined)
  socket.write(text)
  await once(socket, 'close')
  return answer
}

const head = (line: string, more: readonly string[] = []) => [line, 'Host: desk', ...more].join('\r\n')
const withBody = (path: string, more: readonly string[] = []) =>
  `${head(`POST ${path} HTTP/1.1`, ['Content-Type: application/json', 'Content-Length: 1000', ...more])}\r\n\r\n{"a":`

it('gives a request seconds to arrive', () => {
  expect(LIMITS.headMs).toBeLessThanOrEqual(10_000)
  expect(LIMITS.requestMs).toBeLessThanOrEqual(30_000)
})

it.each([
  ['a head without an end', head('GET /healthz HTTP/1.1')],
  ['the head of a socket without an end', head('GET /sync HTTP/1.1', ['Upgrade: websocket', 'Connection: Upgrade'])],
  ['the body of a call', withBody('/trpc/accounts.logIn')],
  ['the body of a batch', withBody('/trpc/accounts.logIn,accounts.logIn?batch=1')],
  ['the body of an exchange', withBody('/sync')],
  ['a body that nobody reads', withBody('/healthz')],
  ['a body for nothing that is there', withBody('/nowhere')],
])('hangs up on %s', async (_what, text) => {
  await using world = await startWorld({ limits: { headMs: 100, requestMs: 200 } })
  await answerTo(world, text)
  expect((await fetch(`${world.url}/healthz`)).status).toBe(200)
})

it('hangs up on the unfinished body of an exchange of somebody who is signed in, and says so', async () => {
  await using world = await startWorld({ limits: { headMs: 100, requestMs: 200 } })
  const { token } = await world.person('ada', 'agent')
  expect(await answerTo(world, withBody('/sync', [`Authorization: Bearer ${token}`]))).toMatch(/^HTTP\/1\.1 408 /)
})

it('takes so many connections at once and no more', async () => {
  await using world = await startWorld({ limits: { connections: 3, headMs: 60_000, requestMs: 60_000 } })
  const port = Number(new URL(world.url).port)
  const open = Array.from({ length: 3 }, () => connect(port, '127.0.0.1'))
  await Promise.all(open.map((socket) => once(socket, 'connect')))
  const one = connect(port, '127.0.0.1')
  one.on('error', () => undefined)
  await once(one, 'close')
  for (const socket of open) expect(socket.destroyed).toBe(false)
  for (const socket of open) socket.destroy()
})
