/** How many sockets may be open, how much may wait in them, and which side hangs up when it is too much. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { decodeFrame, encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import { ServerFrame } from '@rejoin/shared/sync/wire.ts'
import { encodeStateVector } from '@rejoin/server/doors/yjs/protocol.ts'
import { exchangeWith } from '../doors/exchange.ts'
import { RawEditor } from '../doors/editor.ts'
import { RawSocket } from '../doors/socket.ts'
import { startWorld, type Person, type World } from '../harness/world.ts'

const MINUTE = 60_000

async function turnedAway({ app }: World, reason: string): Promise<number> {
  const { values } = await app.metrics.overloads.get()
  return values.find(({ labels }) => labels.reason === reason)?.value ?? 0
}

function errorOf(socket: RawSocket) {
  const frames = socket.messages.map((data) => decodeFrame(ServerFrame, data))
  return frames.find((frame) => frame.type === 'error')
}

/** Resolves when the server has let it in and answered. */
async function greet(socket: RawSocket, device = v7()): Promise<void> {
  const before = socket.messages.length
  socket.send(encodeFrame(exchangeWith([], device), 'cbor'))
  await socket.until(() => socket.messages.length > before)
}

const COUNTED = [
  { whose: 'session', limits: { socketsPerSession: 3 }, message: 'This session already has 3 open connections' },
  { whose: 'person', limits: { socketsPerPerson: 3 }, message: 'This person already has 3 open connections' },
]

it.each(COUNTED)(
  'refuses one more socket than a $whose may have, with the number',
  async ({ whose, limits, message }) => {
    await using world = await startWorld({ limits })
    const ada = await world.person('ada', 'agent')
    const { id } = await world.ticket({ assignee: ada })
    const tokens = [ada.token, whose === 'person' ? await world.newToken(ada.id) : ada.token]
    const open = [await RawEditor.open(world.url, id, ada.token), await RawEditor.open(world.url, id, tokens[1])]
    const third = await RawSocket.open(world.url, '/sync', ada.token)
    await greet(third)
    const fourth = await RawSocket.open(world.url, '/sync', tokens[1])
    expect(await fourth.end()).toEqual({ code: 1013, reason: expect.stringContaining(message) as string })
    expect(errorOf(fourth)).toMatchObject({
      code: 'too-many-requests',
      message: expect.stringContaining(message) as string,
    })
    expect(errorOf(fourth)).toHaveProperty('retryAfter')
    expect((await RawEditor.open(world.url, id, tokens[1])).closed).toMatchObject({ code: 1013 })
    // Sockets that were open stay, and a person who closes one may open another.
    await open[0]?.fence()
    await open[0]?.close()
    const next = await RawSocket.open(world.url, '/sync', tokens[1])
    await greet(next)
    expect([open[1]?.closed, third.closed, next.closed]).toEqual([null, null, null])
  },
)

it.each(COUNTED)('lets a device of a $whose in whose earlier connections hang', async ({ limits }) => {
  await using world = await startWorld({ limits })
  const ada = await world.person('ada', 'agent')
  const hanging: RawSocket[] = []
  const device = v7()
  for (let count = 0; count < 3; count += 1) {
    const socket = await RawSocket.open(world.url, '/sync', ada.token)
    await greet(socket, device)
    hanging.push(socket)
    world.clock.advance(1000)
  }
  world.clock.advance(MINUTE)
  for (const socket of hanging.slice(0, 1)) await greet(socket, device)
  const back = await RawSocket.open(world.url, '/sync', ada.token)
  await greet(back)
  await hanging[1]?.end()
  expect([hanging[0]?.closed, hanging[2]?.closed, back.closed]).toEqual([null, null, null])
})

/** An editor that asks for a large document again and again, and reads nothing of it. */
async function askWithoutReading(world: World, person: Person, ticketId: string): Promise<RawSocket> {
  const socket = await RawSocket.open(world.url, `/yjs/${ticketId}`, person.token)
  socket.pause()
  const ask = encodeStateVector(Y.encodeStateVector(new Y.Doc()))
  for (let count = 0; count < 400; count += 1) socket.send(ask)
  return socket
}

const LARGE = randomBytes(45_000).toString('hex')
/** No limit but the one under test. */
const ROOM = { unreadBytes: 1e9, heldBytesOfPerson: 1e9, heldBytes: 1e9, bytesAtOnce: 1e9 }

it.each([
  { name: 'a person', limits: { heldBytesOfPerson: 2_000_000 } },
  { name: 'everybody', limits: { heldBytes: 2_000_000 } },
])('hangs up on the socket that keeps most of the bytes of $name, and on no other', async ({ limits }) => {
  await using world = await startWorld({ limits: { ...ROOM, ...limits } })
  const ada = await world.person('ada', 'agent')
  const { id } = await world.ticket({ assignee: ada, description: LARGE })
  const modest = await RawEditor.open(world.url, id, ada.token)
  await askWithoutReading(world, ada, id)
  for (let tries = 0; tries < 1000 && (await turnedAway(world, 'held-bytes')) === 0; tries += 1) await modest.fence()
  await modest.fence()
  expect([modest.closed, await turnedAway(world, 'held-bytes')]).toEqual([null, 1])
})

it('hangs up on a reader that takes nothing for two minutes', async () => {
  await using world = await startWorld({ limits: ROOM })
  const ada = await world.person('ada', 'agent')
  const { id } = await world.ticket({ assignee: ada, description: LARGE })
  const reader = await RawEditor.open(world.url, id, ada.token)
  await askWithoutReading(world, ada, id)
  for (let tries = 0; tries < 500 && (await turnedAway(world, 'stalled')) === 0; tries += 1) {
    await reader.fence()
    await world.advance(MINUTE)
  }
  await reader.fence()
  expect([reader.closed, await turnedAway(world, 'stalled')]).toEqual([null, 1])
})

/** Asks for a socket as nobody, and never answers that it is closed. */
async function stranger(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(
    'GET /sync HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  )
  return socket
}

// Left to itself, the socket library waits half a minute for each of them.
it('hangs up on those who are not let in, though they never answer', { timeout: 20_000 }, async () => {
  await using world = await startWorld()
  const strangers = await Promise.all(Array.from({ length: 300 }, () => stranger(world.url)))
  const ends = strangers.map((socket) => {
    socket.resume()
    return once(socket, 'close')
  })
  await Promise.all(ends)
  const desk = await world.desk()
  const socket = await RawSocket.open(world.url, '/sync', desk.token)
  await greet(socket)
  expect(socket.closed).toBe(null)
})

it('agrees to no compression, which would let a few bytes be many', async () => {
  await using world = await startWorld()
  const { token } = await world.desk()
  const socket = await RawSocket.open(world.url, '/sync', token)
  expect(socket.extensions).toBe('')
  await socket.close()
})
