/** Too much at once: who is turned away, who does not notice, and that all get through in the end. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { decodeFrame, encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import { ServerFrame, type ErrorFrame } from '@rejoin/shared/sync/wire.ts'
import { Metrics } from '@rejoin/server/core/runtime/metrics.ts'
import { createDepartment } from '@rejoin/server/slices/departments/commands.ts'
import { SYSTEM_ID } from '@rejoin/server/core/ids.ts'
import { Admission } from '@rejoin/server/doors/sync/admission.ts'
import { RawSocket } from '../doors/socket.ts'
import { exchangeWith, post } from '../doors/exchange.ts'
import { rowsOnDisk } from '../harness/database.ts'
import { startWorld, until, type World } from '../harness/world.ts'

const as = { actorId: SYSTEM_ID }

type Reason = 'slow-reader' | 'frames' | 'waiting-commands' | 'waiting-frames'

async function turnedAway({ app }: World, reason: Reason): Promise<number> {
  const { values } = await app.metrics.overloads.get()
  return values.find(({ labels }) => labels.reason === reason)?.value ?? 0
}

function framesOf(socket: RawSocket): ServerFrame[] {
  return socket.messages.map((data) => decodeFrame(ServerFrame, data))
}

function lastError(socket: RawSocket): ErrorFrame | undefined {
  return framesOf(socket).findLast((frame) => frame.type === 'error')
}

function decided(socket: RawSocket): number {
  return framesOf(socket).reduce((sum, frame) => sum + (frame.type === 'batch' ? frame.verdicts.length : 0), 0)
}

/** Fills the commit queue until the devices have noticed. */
async function keepBusy({ app }: World, isEnough: () => Promise<boolean>): Promise<void> {
  while (!(await isEnough())) {
    const names = Array.from({ length: 1000 }, () => ({ name: v7() }))
    await Promise.all(names.map((name) => app.commits.commit(createDepartment, name, as)))
  }
}

it('closes the connection of a slow reader, which comes back to an equal replica', async () => {
  await using world = await startWorld({ limits: { unreadBytes: 100_000 } })
  const { api } = await world.desk()
  const [ada] = await world.agents('ada')
  const tickets: string[] = []
  for (let count = 0; count < 50; count += 1) tickets.push((await world.ticket()).id)
  await ada.rejoin()
  ada.wire.stall()
  const body = 'x'.repeat(10_000)
  // What the kernel buffers on both sides comes before what the server holds.
  while ((await turnedAway(world, 'slow-reader')) === 0) {
    await Promise.all(
      tickets.map((ticketId) =>
        api.tickets.comment.mutate({ ticketId, commentId: v7(), body, visibility: 'internal' }),
      ),
    )
  }
  ada.wire.mend()
  await until(ada, () => ada.state === 'waiting')
  world.clock.advance(60_000)
  await ada.settled()
  expect(ada.replica(tickets[0] ?? '')).toBeTruthy()
})

it('turns a device away that floods the server, by socket and by HTTP', async () => {
  await using world = await startWorld({ limits: { unitsAtOnce: 20, unitsPerSecond: 10 } })
  const ada = await world.person('ada', 'agent')
  const socket = await RawSocket.open(world.url, '/sync', ada.token)
  for (let count = 0; count < 30; count += 1) socket.send(encodeFrame({ type: 'presence', viewing: [] }, 'cbor'))
  expect(await socket.end()).toMatchObject({ code: 1000 })
  expect(lastError(socket)).toMatchObject({ code: 'unavailable' })
  expect(lastError(socket)?.retryAfter).toBeGreaterThan(0)

  const response = await post(world.url, ada.token, encodeFrame(exchangeWith([]), 'json'))
  const problem = (await response.json()) as { code: string; retryAfter: number }
  expect([response.status, problem.code]).toEqual([503, 'unavailable'])
  expect(Number(response.headers.get('retry-after'))).toBe(Math.ceil(problem.retryAfter / 1000))

  world.clock.advance(problem.retryAfter)
  expect((await post(world.url, ada.token, encodeFrame(exchangeWith([]), 'json'))).status).toBe(200)
})

it('does not let a device with a long outbox keep another waiting', async () => {
  await using world = await startWorld()
  const [ada, bob] = [await world.person('ada', 'agent'), await world.person('bob', 'agent')]
  const tickets = await Promise.all(Array.from({ length: 20 }, () => world.ticket()))
  const comments = (count: number) =>
    Array.from({ length: count }, (_, index) => {
      const input = { ticketId: tickets[index % tickets.length]?.id, commentId: v7(), body: 'A' }
      return { name: 'comment.add', input }
    })
  const flood = await RawSocket.open(world.url, '/sync', ada.token)
  const device = v7()
  for (let count = 0; count < 2; count += 1) flood.send(encodeFrame(exchangeWith(comments(300), device), 'cbor'))
  const bystander = await RawSocket.open(world.url, '/sync', bob.token)
  bystander.send(encodeFrame(exchangeWith(comments(1)), 'cbor'))
  await bystander.until(() => decided(bystander) === 1)
  expect(decided(flood)).toBeLessThan(300)
  await flood.until(() => decided(flood) === 600)
  expect(flood.closed).toBe(null)
  for (const socket of [flood, bystander]) await socket.close()
})

it('hangs up on a socket with too many frames that wait', async () => {
  await using world = await startWorld({ limits: { waitingFrames: 10 } })
  const ada = await world.person('ada', 'agent')
  const socket = await RawSocket.open(world.url, '/sync', ada.token)
  const device = v7()
  for (let count = 0; count < 30; count += 1) socket.send(encodeFrame(exchangeWith([], device), 'cbor'))
  await socket.end()
  expect(lastError(socket)).toMatchObject({ code: 'unavailable' })
  expect(await turnedAway(world, 'waiting-frames')).toBeGreaterThan(0)
})

it('gets two hundred devices through that reconnect at once', async () => {
  // All are of one session, which nobody has in the world.
  const ofOnePerson = { socketsPerSession: 1000, socketsPerPerson: 1000, devicesPerPerson: 200, newDevicesAtOnce: 200 }
  await using world = await startWorld({ limits: { waitingCommands: 100, unitsAtOnce: 1_000_000, ...ofOnePerson } })
  // Their devices hold no tickets, so that nothing is measured but the way back in.
  const rita = await world.person('rita', 'requester')
  const devices = await Promise.all(Array.from({ length: 200 }, () => world.device(rita)))
  for (const device of devices) device.disconnect()
  await Promise.all(devices.map((device, index) => device.tickets.create({ title: `Printer ${index}` })))
  const office = keepBusy(world, async () => (await turnedAway(world, 'waiting-commands')) >= 100)
  for (const device of devices) device.connect()
  const storm = { isOver: false }
  const all = Promise.all(devices.map((device) => device.settled())).then(() => (storm.isOver = true))
  // The clock goes on while they come back, as it does.
  while (!storm.isOver) {
    world.clock.advance(100)
    await fetch(`${world.url}/healthz`)
  }
  await Promise.all([all, office])
  expect(rowsOnDisk(world.dataDir, 'select id from ticket')).toHaveLength(200)
}, 60_000)

it('calls a storm back evenly, nobody before their place and nobody later than the last', () => {
  const limits = { returnMs: 20, lastReturnMs: 10_000 }
  const admission = new Admission({ metrics: new Metrics(), now: () => 0, queuedCommands: () => 0 }, limits)
  const waits = Array.from({ length: 1000 }, () => admission.busy('waiting-commands').retryAfterMs)
  const first = waits.slice(0, 500)
  first.forEach((ms, place) => {
    expect(ms).toBeGreaterThanOrEqual((place + 1) * 20)
    expect(ms).toBeLessThanOrEqual((place + 2) * 20)
  })
  for (const ms of waits.slice(500)) {
    expect(ms).toBeGreaterThanOrEqual(5000)
    expect(ms).toBeLessThanOrEqual(10_000)
  }
})
