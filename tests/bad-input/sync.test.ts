/** Frames that do not parse and people who are not let in, at both doors of `/sync`. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { MAX_FRAME_BYTES } from '@rejoin/shared/budgets.ts'
import { decodeFrame, encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import { ServerFrame } from '@rejoin/shared/sync/wire.ts'
import { TRACES } from '../doors/database.ts'
import { exchangeWith, post } from '../doors/exchange.ts'
import { RawSocket } from '../doors/socket.ts'
import { BAD_FRAMES } from './frames.ts'
import { leavingNoTrace, setScene, type Scene } from './world.ts'

const DAY = 24 * 3_600_000
const DEVICE = v7()

/** What the server says last before it hangs up, and with which code it does. */
async function lastWords({ world }: Scene, token: string | undefined, data: Uint8Array | string | null) {
  const socket = await RawSocket.open(world.url, '/sync', token)
  if (data !== null) socket.send(data)
  const { code: close } = await socket.end()
  const last = socket.messages.at(-1)
  const frame = last === undefined ? null : decodeFrame(ServerFrame, last)
  return { close, code: frame?.type === 'error' ? frame.code : null }
}

async function answerTo({ world }: Scene, token: string | undefined, data: Uint8Array<ArrayBuffer> | string) {
  const response = await post(world.url, token, data)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const { code, status } = (await response.json()) as { code: string; status: number }
  expect(response.status).toBe(status)
  return code
}

it('answers every frame that is no frame with its code, hangs up, and changes nothing', async () => {
  const scene = await setScene()
  await using _world = scene.world
  const { token } = scene.ada
  await leavingNoTrace(scene, async () => {
    for (const [name, { data, code }] of Object.entries(BAD_FRAMES)) {
      // The rest of a frame that is too large is not read, so there is no frame to answer.
      const last = code === 'too-large' ? { close: 1009, code: null } : { close: 1000, code }
      expect([name, await lastWords(scene, token, data)]).toEqual([name, last])
    }
  })
})

it('answers every request that is no frame with its code, and changes nothing', async () => {
  const scene = await setScene()
  await using _world = scene.world
  await leavingNoTrace(scene, async () => {
    for (const [name, { data, code }] of Object.entries(BAD_FRAMES)) {
      expect([name, await answerTo(scene, scene.ada.token, data)]).toEqual([name, code])
    }
  })
})

it('ends the connection of a request whose body it did not read to the end', async () => {
  const scene = await setScene()
  await using world = scene.world
  for (const path of ['/sync', '/trpc/tickets.create']) {
    const headers = { authorization: `Bearer ${scene.ada.token}`, 'content-type': 'application/json' }
    const body = 'x'.repeat(MAX_FRAME_BYTES + 1)
    const response = await fetch(`${world.url}${path}`, { method: 'POST', headers, body })
    expect([path, response.status, response.headers.get('connection')]).toEqual([path, 413, 'close'])
  }
})

it.each(['/sync', '/yjs'])(
  'stops reading at %s where a frame is too large, and says how much it may hold',
  async (door) => {
    const scene = await setScene()
    await using world = scene.world
    const path = door === '/yjs' ? `/yjs/${scene.ticketId}` : door
    const closed = await leavingNoTrace(scene, async () => {
      const socket = await RawSocket.open(world.url, path, scene.ada.token)
      socket.send(new Uint8Array(MAX_FRAME_BYTES + 1))
      return socket.end()
    })
    expect(closed).toEqual({ code: 1009, reason: `too-large: A frame may have at most ${MAX_FRAME_BYTES} bytes.` })
  },
)

it('lets nobody in without a session', async () => {
  const scene = await setScene()
  await using _world = scene.world
  const frame = encodeFrame(exchangeWith([]), 'cbor')
  await leavingNoTrace(scene, async () => {
    for (const token of [undefined, 'x', 'x'.repeat(2000)]) {
      expect(await lastWords(scene, token, null)).toEqual({ close: 4401, code: 'unauthenticated' })
      expect(await answerTo(scene, token, frame)).toBe('unauthenticated')
    }
  })
})

it('lets nobody in with a session that has ended or expired', async () => {
  const scene = await setScene()
  await using world = scene.world
  const frame = encodeFrame(exchangeWith([]), 'cbor')
  const gone = await world.person('gone', 'agent')
  await gone.api.accounts.logOut.mutate()
  expect(await lastWords(scene, gone.token, null)).toEqual({ close: 4401, code: 'unauthenticated' })
  expect(await answerTo(scene, gone.token, frame)).toBe('unauthenticated')

  const late = await world.person('late', 'agent')
  world.clock.advance(31 * DAY)
  expect(await lastWords(scene, late.token, null)).toEqual({ close: 4401, code: 'unauthenticated' })
  expect(await answerTo(scene, late.token, frame)).toBe('unauthenticated')
  expect(scene.faults).toEqual([])
})

/** How the server ends a connection that has no session any more. */
const SIGNED_OUT = {
  '/sync': { close: 1000, code: 'unauthenticated' },
  '/yjs': { close: 4401, code: null },
} as const
type Door = keyof typeof SIGNED_OUT

/** A connection on which something was said already. */
async function liveSocket({ world, ada, ticketId }: Scene, door: Door): Promise<RawSocket> {
  const socket = await RawSocket.open(world.url, door === '/yjs' ? `/yjs/${ticketId}` : door, ada.token)
  if (door === '/sync') socket.send(encodeFrame(exchangeWith([], DEVICE), 'json'))
  await socket.until(() => socket.messages.length > 0)
  return socket
}

async function ending(socket: RawSocket, door: Door) {
  const { code: close } = await socket.end()
  const last = socket.messages.at(-1)
  const frame = door === '/yjs' || last === undefined ? null : decodeFrame(ServerFrame, last)
  return { close, code: frame?.type === 'error' ? frame.code : null }
}

it.each(['/sync', '/yjs'] as const)('hangs up at %s when the session ends while it is open', async (door) => {
  const scene = await setScene()
  await using _world = scene.world
  const socket = await liveSocket(scene, door)
  await scene.ada.api.accounts.logOut.mutate()
  expect(await ending(socket, door)).toEqual(SIGNED_OUT[door])
})

it.each(['/sync', '/yjs'] as const)('hangs up at %s when the session expires while it is open', async (door) => {
  const scene = await setScene()
  await using world = scene.world
  const socket = await liveSocket(scene, door)
  await world.advance(31 * DAY)
  expect(await ending(socket, door)).toEqual(SIGNED_OUT[door])
})

it('keeps the session of a connection that is used', async () => {
  const scene = await setScene()
  await using world = scene.world
  const socket = await liveSocket(scene, '/sync')
  for (let day = 0; day < 40; day += 10) {
    await world.advance(10 * DAY)
    const heard = socket.messages.length
    socket.send(encodeFrame(exchangeWith([], DEVICE), 'json'))
    await socket.until(() => socket.messages.length > heard)
    await world.app.commits.idle()
  }
  expect(socket.closed).toBeNull()
  expect(await scene.ada.api.accounts.me.query()).toMatchObject({ name: 'ada' })
  await socket.close()
})

it('keeps the devices of different people apart', async () => {
  const scene = await setScene()
  await using world = scene.world
  const device = v7()
  const eve = await world.person('eve', 'agent')
  const comment = { name: 'comment.add', input: { ticketId: scene.ticketId, commentId: v7(), body: 'Hello' } }
  const frame = encodeFrame(exchangeWith([comment], device), 'cbor')
  expect((await post(world.url, scene.ada.token, frame)).status).toBe(200)
  await leavingNoTrace(scene, async () => {
    expect(await answerTo(scene, eve.token, encodeFrame(exchangeWith([comment], device), 'cbor'))).toBe(
      'foreign-device',
    )
    const hello = encodeFrame(exchangeWith([], device), 'cbor')
    expect(await lastWords(scene, eve.token, hello)).toEqual({ close: 1000, code: 'foreign-device' })
  })
})

it('hears one device on one socket', async () => {
  const scene = await setScene()
  await using world = scene.world
  const socket = await RawSocket.open(world.url, '/sync', scene.ada.token)
  socket.send(encodeFrame(exchangeWith([]), 'json'))
  await socket.until(() => socket.messages.length > 0)
  await leavingNoTrace(
    scene,
    async () => {
      socket.send(encodeFrame(exchangeWith([]), 'json'))
      expect(await socket.end()).toMatchObject({ code: 1000 })
    },
    TRACES,
  )
  expect(socket.messages.at(-1)).toContain('"foreign-device"')
})
