/** Rows of devices: how many a person may have, how fast they may come, and which are let go of. */
import { v7 } from 'uuid'
import { expect, it, vi } from 'vitest'
import { decodeFrame, encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import { ServerFrame } from '@rejoin/shared/sync/wire.ts'
import { exchangeWith, post } from '../doors/exchange.ts'
import { RawSocket } from '../doors/socket.ts'
import { rowsOnDisk } from '../harness/database.ts'
import { startWorld, type Person, type World } from '../harness/world.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

interface Answer {
  readonly code?: string
  readonly detail?: string
  readonly hint?: string | undefined
  readonly retryAfter?: number | undefined
}

async function comeBy({ url }: World, { token }: Person, device = v7(), door = 'http'): Promise<Answer> {
  const exchange = exchangeWith([], device)
  if (door === 'http') return (await (await post(url, token, encodeFrame(exchange, 'json'))).json()) as Answer
  const socket = await RawSocket.open(url, '/sync', token)
  socket.send(encodeFrame(exchange, 'cbor'))
  await socket.until(() => socket.messages.length > 0)
  const [data = ''] = socket.messages
  const frame = decodeFrame(ServerFrame, data)
  if (socket.closed === null) await socket.close()
  if (frame.type !== 'error') return {}
  const { code, message: detail, hint, retryAfter } = frame
  return { code, detail, hint, retryAfter }
}

async function turnedAway({ app }: World): Promise<number> {
  const { values } = await app.metrics.overloads.get()
  return values.find(({ labels }) => labels.reason === 'devices')?.value ?? 0
}

function devices({ dataDir }: World): unknown[] {
  return rowsOnDisk(dataDir, 'select id from device')
}

it.each(['http', 'socket'])(
  'takes no more devices of a person than the limit, by %s, until one is revoked',
  async (door) => {
    await using world = await startWorld({ limits: { devicesPerPerson: 3 } })
    const [ada, bob] = [await world.person('ada', 'agent'), await world.person('bob', 'agent')]
    const own = [v7(), v7(), v7()]
    for (const device of own) expect((await comeBy(world, ada, device, door)).code).toBe(undefined)
    const refused = await comeBy(world, ada, v7(), door)
    expect(refused).toMatchObject({
      code: 'too-many-requests',
      detail: 'You have 3 devices; the limit is 3.',
      hint: expect.stringContaining('Revoke') as string,
      retryAfter: expect.any(Number) as number,
    })
    expect(devices(world)).toHaveLength(3)
    for (const device of own) expect((await comeBy(world, ada, device, door)).code).toBe(undefined)
    expect((await comeBy(world, bob, v7(), door)).code).toBe(undefined)
    await ada.api.devices.revoke.mutate({ deviceId: own[0] ?? '' })
    expect((await comeBy(world, ada, v7(), door)).code).toBe(undefined)
  },
)

it('takes so many new devices of a person at once, and then so many an hour', async () => {
  await using world = await startWorld({ limits: { newDevicesAtOnce: 5, newDevicesPerHour: 2 } })
  const ada = await world.person('ada', 'agent')
  const known = v7()
  await comeBy(world, ada, known)
  const answers = await Promise.all(Array.from({ length: 60 }, () => comeBy(world, ada)))
  const refused = answers.filter(({ code }) => code === 'too-many-requests')
  expect([refused.length, devices(world).length]).toEqual([56, 5])
  expect(refused[0]).toMatchObject({ detail: 'You may add 2 devices per hour.' })
  expect((await comeBy(world, ada, known)).code).toBe(undefined)
  world.clock.advance(HOUR)
  await Promise.all(Array.from({ length: 10 }, () => comeBy(world, ada)))
  expect(devices(world)).toHaveLength(7)
})

it('lets a device that is one too many in by itself when there is room', async () => {
  await using world = await startWorld({ limits: { devicesPerPerson: 1 } })
  const [ada] = await world.agents('ada')
  const { id } = await world.ticket({ assignee: ada.person })
  await ada.rejoin()
  const arrives = world.device(ada.person)
  for (let tries = 0; tries < 500 && (await turnedAway(world)) === 0; tries += 1) await fetch(`${world.url}/healthz`)
  expect(await turnedAway(world)).toBeGreaterThan(0)
  await ada.person.api.devices.revoke.mutate({ deviceId: ada.id })
  const second = { isHere: false }
  void arrives.then(() => (second.isHere = true))
  while (!second.isHere) {
    world.clock.advance(2000)
    await fetch(`${world.url}/healthz`)
  }
  expect((await arrives).held()).toEqual([id])
})

it('lets go of devices that came once and never again, and of no others', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const [once, again, named, revoked] = [v7(), v7(), v7(), v7()]
  for (const device of [once, again, named, revoked]) await comeBy(world, ada, device)
  await ada.api.devices.rename.mutate({ deviceId: named, name: 'The tablet in the van' })
  await ada.api.devices.revoke.mutate({ deviceId: revoked })
  await world.advance(DAY)
  await comeBy(world, ada, again)
  await world.advance(20 * DAY)
  expect(devices(world)).toHaveLength(4)
  await world.advance(20 * DAY)
  const kept = devices(world).map((row) => (row as { id: string }).id)
  expect(kept.toSorted()).toEqual([again, named, revoked].toSorted())
  // It is as new as it would be after the log was cut.
  expect((await comeBy(world, { ...ada, token: await world.newToken(ada.id) }, once)).code).toBe(undefined)
})

it('keeps nothing of a socket that closes before its first frame is read', async () => {
  await using world = await startWorld()
  const { token } = await world.person('ada', 'agent')
  const { hub, pace } = world.app
  const subscribe = hub.subscribe.bind(hub)
  const subscriptions = new Set<object>()
  vi.spyOn(hub, 'subscribe').mockImplementation((topics, listener) => {
    const unsubscribe = subscribe(topics, listener)
    const subscription = { unsubscribe }
    subscriptions.add(subscription)
    return () => {
      subscriptions.delete(subscription)
      unsubscribe()
    }
  })
  const [held, turn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  vi.spyOn(pace, 'turn').mockImplementationOnce(() => {
    held.resolve()
    return turn.promise
  })
  const exchanged = vi.spyOn(world.app.metrics.exchanges, 'inc')
  const socket = await RawSocket.open(world.url, '/sync', token)
  socket.send(encodeFrame(exchangeWith([]), 'cbor'))
  await held.promise
  await socket.close()
  // The server has read all bytes that came before this request.
  await (await fetch(`${world.url}/healthz`)).arrayBuffer()
  turn.resolve()
  await (await fetch(`${world.url}/healthz`)).arrayBuffer()
  expect(exchanged).toHaveBeenCalled()
  expect(subscriptions.size).toBe(0)
})
