/** An error thrown in a listener harms one connection, and neither the others nor the program. */
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { v7 } from 'uuid'
import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { readConfig } from '@rejoin/server/operations/config/config.ts'
import { createLog } from '@rejoin/server/core/runtime/log.ts'
import { LimitedSocket } from '@rejoin/server/http/limited-socket.ts'
import { RawSocket } from '../doors/socket.ts'
import { startWorld, type World } from '../harness/world.ts'

const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'
const KEY = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'
const HANDSHAKE = `Host: here\r\n${UPGRADE}${KEY}`

/** Whole requests and broken ones, each on a connection of its own. */
const BYTES: readonly (readonly [what: string, bytes: string])[] = [
  ['an anonymous handshake', `GET /sync HTTP/1.1\r\n${HANDSHAKE}\r\n`],
  [
    'a handshake from a page',
    `GET /sync HTTP/1.1\r\nOrigin: http://here\r\nCookie: rejoin_session=x\r\n${HANDSHAKE}\r\n`,
  ],
  ['a handshake from another page', `GET /sync HTTP/1.1\r\nOrigin: http://elsewhere\r\n${HANDSHAKE}\r\n`],
  ['a handshake from no page', `GET /sync HTTP/1.1\r\nOrigin: null\r\n${HANDSHAKE}\r\n`],
  ['a handshake with frames behind it', `GET /sync HTTP/1.1\r\n${HANDSHAKE}\r\n\x81\xff\xff\xff\xff`],
  ['a handshake of an editor', `GET /yjs/%E0%A4%A HTTP/1.1\r\n${HANDSHAKE}\r\n`],
  ['a handshake without a key', `GET /sync HTTP/1.1\r\nHost: here\r\n${UPGRADE}\r\n`],
  ['a handshake by POST', `POST /sync HTTP/1.1\r\nContent-Length: 1\r\n${HANDSHAKE}\r\nx`],
  ['a host that is none', 'GET /healthz HTTP/1.1\r\nHost: [::\r\nConnection: close\r\n\r\n'],
  ['a host with a path', 'GET /healthz HTTP/1.1\r\nHost: a/b?c#d\r\nConnection: close\r\n\r\n'],
  ['an empty host', 'GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n'],
  ['no host, as once', 'GET /healthz HTTP/1.0\r\n\r\n'],
  ['a whole address', 'GET http://[::/x HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n'],
  ['a path that is none', 'GET //:99999/%ff HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n'],
  ['all of it', 'OPTIONS * HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n'],
  ['a tunnel', 'CONNECT here:80 HTTP/1.1\r\nHost: here\r\n\r\n'],
  ['an expectation', 'GET /healthz HTTP/1.1\r\nHost: here\r\nExpect: more\r\nConnection: close\r\n\r\n'],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['TLS', '\x16\x03\x01\x00\x05hello'],
  [
    'a cookie of signs',
    'GET /trpc/accounts.me HTTP/1.1\r\nHost: here\r\nCookie: =;;=\xff;%\r\nConnection: close\r\n\r\n',
  ],
  ['an address of nothing', 'GET /trpc/a?batch=1&input=%7B HTTP/1.1\r\nHost: here\r\nX-Forwarded-For: [,]\r\n\r\n'],
]

/** Sends the bytes and hangs up; resolves when the connection is over. */
async function say(world: World, bytes: string): Promise<void> {
  const socket = connect(Number(new URL(world.url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.resume()
  socket.end(Buffer.from(bytes, 'latin1'))
  await once(socket, 'close')
}

it.each([
  ['an address without a door', 'GET /nope HTTP/1.1\r\nHost: x\r\n'],
  ['a header that is doubled', 'GET /sync HTTP/1.1\r\nHost: x\r\nHost: y\r\n'],
])('hangs up on a handshake that it refuses for %s, whether or not the client does', async (_, head) => {
  await using world = await startWorld()
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'
  const socket = connect({ port: Number(new URL(world.url).port), host: '127.0.0.1', allowHalfOpen: true })
  socket.write(`${head}${upgrade}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`)
  socket.resume()
  socket.on('error', () => undefined)
  await once(socket, 'end')
  // Bytes that come after the answer find nobody.
  let tries = 0
  for (; !socket.destroyed && tries < 1000; tries += 1) {
    socket.write('more')
    await setImmediate()
  }
  expect(tries).toBeLessThan(1000)
})

async function lives(world: World): Promise<void> {
  expect((await fetch(`${world.url}/healthz`)).status).toBe(200)
}

it.each([
  { what: 'as usual', settings: {} },
  { what: 'behind proxies', settings: { proxies: 2 } },
  { what: 'on every address', settings: { publicUrl: readConfig({ REJOIN_HOST: '::' }).publicUrl } },
])('takes every kind of bytes $what, and meets no bug', async ({ settings }) => {
  const faults: string[] = []
  const log = createLog('error', { write: (line) => void faults.push(line) })
  await using world = await startWorld({ settings, log })
  for (const [, bytes] of BYTES) await say(world, bytes)
  await lives(world)
  expect(faults).toEqual([])
})

/** Parts of the program that fail from now on as they would by a bug; each returned function mends its part. */
const FAULTS: readonly { where: string; breakIt: (world: World) => () => void }[] = [
  { where: 'who asks', breakIt: ({ app }) => replace(app.config, 'publicUrl', 'http://:::1') },
  { where: 'who may come', breakIt: ({ app }) => replace(app.admission, 'takeConnection', bug) },
  { where: 'what is said of changes', breakIt: ({ app }) => replace(app.hub, 'subscribe', bug) },
  { where: 'what a frame costs', breakIt: ({ app }) => replace(app.admission, 'takeFrame', bug) },
  {
    where: 'how it is said that there is one',
    breakIt({ app }) {
      const mends = [replace(app.admission, 'takeFrame', bug), replace(app.metrics, 'frame', bug)]
      return () => {
        for (const mend of mends) mend()
      }
    },
  },
]

function bug(): never {
  throw new TypeError('a bug')
}

function replace(part: object, name: string, value: unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(part, name)
  Object.defineProperty(part, name, { value, configurable: true, writable: true, enumerable: true })
  return () => {
    Reflect.deleteProperty(part, name)
    if (own !== undefined) Object.defineProperty(part, name, own)
  }
}

it.each(FAULTS)('ends only the connection that meets a bug in $where', async ({ breakIt }) => {
  await using world = await startWorld({ log: createLog('silent') })
  const { token } = await world.person('ada', 'agent')
  const other = await RawSocket.open(world.url, '/sync', token)
  const mend = breakIt(world)
  const socket = new WebSocket(`${world.url.replace('http', 'ws')}/sync`, ['rejoin', `bearer.${token}`], {
    origin: 'http://elsewhere',
  })
  socket.on('error', () => undefined)
  socket.on('open', () => socket.send(JSON.stringify({ type: 'hello', id: v7() })))
  await once(socket, 'close')
  mend()
  expect(other.closed).toBeNull()
  await lives(world)
})

it.each(['message', 'ping', 'close'] as const)(
  'ends only the connection whose listener throws at %s',
  async (event) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', WebSocket: LimitedSocket })
    await once(server, 'listening')
    const faults: unknown[] = []
    server.on('connection', (socket) => {
      socket.failed = (error) => void faults.push(error)
      socket.on(event, () => {
        throw new TypeError('a bug')
      })
    })
    const open = async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
      await once(socket, 'open')
      return socket
    }
    const [one, other] = [await open(), await open()]
    if (event === 'message') one.send('hello')
    else if (event === 'ping') one.ping()
    else one.close()
    await once(one, 'close')
    expect(faults).toEqual([new TypeError('a bug')])
    expect(other.readyState).toBe(WebSocket.OPEN)
    for (const socket of server.clients) socket.terminate()
    server.close()
  },
)
