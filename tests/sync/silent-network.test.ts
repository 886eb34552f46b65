/** A network that dies says nothing: each side makes sure, by itself, that the other is still there. */
import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { openDevice } from '@rejoin/client-sdk/open-device.ts'
import { memoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { decodeFrame } from '@rejoin/shared/sync/encoding.ts'
import { PING_MS, ServerFrame } from '@rejoin/shared/sync/wire.ts'
import { RawSocket } from '../doors/socket.ts'
import { Wire } from '../harness/wire.ts'
import { startWorld, until, type World } from '../harness/world.ts'

const MINUTE = 60_000

/** A device whose line can die, and which hears when the person comes back to it. */
async function deviceOnLine(world: World, name = 'ada') {
  const person = await world.person(name, 'agent')
  const wire = await Wire.to(world.url)
  const count = { pongs: 0, dials: 0 }
  class WatchedSocket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols)
      count.dials += 1
      this.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
        if (decodeFrame(ServerFrame, new Uint8Array(data)).type === 'pong') count.pongs += 1
      })
    }
  }
  const { now, after } = world.clock
  const place = { wallAheadMs: 0, returned: () => undefined as void }
  const environment = {
    now: () => now() + place.wallAheadMs,
    mono: now,
    after,
    random: () => 0.5,
    WebSocket: WatchedSocket,
    onReturn(run: () => void) {
      place.returned = run
      return () => undefined
    },
  }
  const device = await openDevice({ url: wire.url, token: person.token, store: memoryStore(), environment })
  device.connect()
  await device.settled()
  return {
    person,
    wire,
    device,
    place,
    dials: () => count.dials,
    /** Resolves when the server has answered once more that it is there. */
    async pong(): Promise<void> {
      const before = count.pongs
      while (count.pongs === before) await setImmediate()
    },
    async close(): Promise<void> {
      await device.close()
      await wire.close()
    },
  }
}

it('notices on the device within two intervals that nobody answers, and gets what it missed on a new line', async () => {
  await using world = await startWorld()
  const { person, wire, device, close, dials } = await deviceOnLine(world)
  wire.swallow()
  const { id } = await world.ticket({ assignee: person })
  world.clock.advance(PING_MS)
  expect(device.state).toBe('live')
  world.clock.advance(PING_MS)
  expect(device.state).toBe('waiting')
  world.clock.advance(MINUTE / 2)
  await until(device, () => device.held().includes(id))
  expect(dials()).toBe(2)
  await close()
})

it('keeps a line on which nothing happens for an hour', async () => {
  await using world = await startWorld()
  const { device, close, dials, pong } = await deviceOnLine(world)
  for (let passed = 0; passed < 60 * MINUTE; passed += PING_MS) {
    world.clock.advance(PING_MS)
    await pong()
  }
  expect([device.state, dials()]).toEqual(['live', 1])
  await close()
})

it.each([
  ['the network or the person comes back', 'return'],
  ['somebody asks it to connect', 'connect'],
  ['its wall clock shows that it has slept', 'sleep'],
])('tries the line at once when %s', async (_, how) => {
  await using world = await startWorld()
  const line = await deviceOnLine(world)
  const { wire, device, place, close, dials } = line
  wire.swallow()
  if (how === 'return') place.returned()
  if (how === 'connect') device.connect()
  if (how === 'sleep') {
    place.wallAheadMs = 3 * 60 * MINUTE
    world.clock.advance(PING_MS)
  }
  expect(device.state).toBe('live')
  world.clock.advance(10_000)
  expect(device.state).toBe('waiting')
  world.clock.advance(MINUTE / 2)
  await until(device, () => device.state === 'live')
  expect(dials()).toBe(2)
  await close()
})

it.each([
  ['somebody asks it to connect', 'connect'],
  ['the person comes back', 'return'],
])('notices a dead line however often %s', async (_, how) => {
  await using world = await startWorld()
  const { wire, device, place, close } = await deviceOnLine(world)
  wire.swallow()
  let passed = 0
  for (; device.state === 'live' && passed < 10 * MINUTE; passed += 8000) {
    if (how === 'return') place.returned()
    else device.connect()
    world.clock.advance(8000)
  }
  expect(passed).toBeLessThanOrEqual(2 * PING_MS)
  await close()
})

it('leaves a line alone that is slow to open, or to bring what was missed, when the person comes back', async () => {
  await using world = await startWorld()
  const { wire, device, place, close, dials } = await deviceOnLine(world)
  device.disconnect()
  wire.stall()
  device.connect()
  for (let passed = 0; passed < 50_000; passed += 5000) {
    place.returned()
    world.clock.advance(5000)
  }
  expect(['connecting', 'catching-up']).toContain(device.state)
  expect(dials()).toBe(2)
  await close()
})

it.each(['sync', 'yjs'])('takes no message for silence that is on its way to the %s door', async (door) => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id } = await world.ticket({ assignee: ada })
  const socket = await RawSocket.open(world.url, door === 'sync' ? '/sync' : `/yjs/${id}`, ada.token)
  socket.beginMessage(1_000_000, 100)
  for (let passed = 0; passed < 55_000; passed += 5000) {
    await world.advance(5000)
    socket.goOn(1000)
    // The server's side of the line is in this process.
    for (let turns = 0; turns < 5; turns += 1) await setImmediate()
  }
  expect(socket.closed).toBeNull()
})

it.each(['sync', 'yjs'])(
  'ends a line of the %s door of which the server hears nothing, and keeps one that answers',
  async (door) => {
    await using world = await startWorld()
    const ada = await world.person('ada', 'agent')
    const { id } = await world.ticket({ assignee: ada })
    const wire = await Wire.to(world.url)
    const path = door === 'sync' ? '/sync' : `/yjs/${id}`
    const dead = await RawSocket.open(wire.url, path, ada.token)
    const alive = await RawSocket.open(world.url, path, ada.token)
    wire.swallow()
    const silent = async () => {
      const text = await (await fetch(`${world.url}/metrics`)).text()
      return Number(/^rejoin_overloads_total\{reason="silent"\} (\d+)/m.exec(text)?.[1] ?? 0)
    }
    for (let passed = 0; passed < 2 * PING_MS; passed += 5000) await world.advance(5000)
    expect(await silent()).toBe(1)
    for (let passed = 0; passed < 10 * MINUTE; passed += 5000) {
      await world.advance(5000)
      await setImmediate()
    }
    expect([await silent(), alive.closed]).toEqual([1, null])
    expect(dead.closed).toBeNull()
    await wire.close()
  },
)

it('takes no silence for work that may be on its way, nor a device that was there for one that is away', async () => {
  await using world = await startWorld()
  const { person, wire, device, close } = await deviceOnLine(world)
  const lastSeen = async () => {
    const row = world.app.read.selectFrom('device').select('lastSeenAt').where('userId', '=', person.id)
    return (await row.executeTakeFirstOrThrow()).lastSeenAt
  }
  const metAt = await lastSeen()
  for (let passed = 0; passed < 60 * MINUTE; passed += 5000) {
    await world.advance(5000)
    await setImmediate()
  }
  expect(world.app.connections.devices()).toEqual([device.id])
  wire.swallow()
  const diedAt = world.clock.now()
  for (let passed = 0; passed < 2 * PING_MS; passed += 5000) await world.advance(5000)
  while (world.app.connections.devices().length > 0) await setImmediate()
  await world.advance(5000)
  expect(await lastSeen()).toBeGreaterThanOrEqual(diedAt)
  expect(await lastSeen()).toBeLessThanOrEqual(diedAt + 2 * PING_MS + 5000)
  expect(metAt).toBeLessThan(diedAt)
  await close()
})

it('answers a ping of any client with a pong', async () => {
  await using world = await startWorld()
  const { token } = await world.person('ada', 'agent')
  const socket = await RawSocket.open(world.url, '/sync', token)
  socket.send(JSON.stringify({ type: 'ping' }))
  await socket.until(() => socket.messages.length > 0)
  expect(socket.messages).toEqual(['{"type":"pong"}'])
})
