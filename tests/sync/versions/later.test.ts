/** An app that is newer than its server. */
import { v7 } from 'uuid'
import { expect, it } from 'vitest'
import { openDevice } from '@rejoin/client-sdk/open-device.ts'
import { memoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { SCHEMA_VERSION } from '@rejoin/shared/sync/upcast.ts'
import { decodeFrame, encodeFrame } from '@rejoin/shared/sync/encoding.ts'
import { DeviceFrame } from '@rejoin/shared/sync/wire.ts'
import { exchangeWith, post } from '../../doors/exchange.ts'
import { startWorld, until } from '../../harness/world.ts'
import { say, setStage } from './stage.ts'

const MINUTE = 60_000
const TOO_OLD = { code: 'server-too-old', hint: 'The work waits on the device until the server is updated.' }

it('is told so on a socket and by POST, and nothing that it brought is judged', async () => {
  await using world = await startWorld()
  const stage = await setStage(world)
  const { id: ticketId } = await world.ticket()
  const work = [{ name: 'ticket.tag', input: { ticketId, tag: 'north' } }]
  expect(await say(stage, 99, work)).toMatchObject({ type: 'error', ...TOO_OLD })

  const response = await post(world.url, stage.sam.token, encodeFrame(exchangeWith(work, v7(), 99), 'json'))
  expect([response.status, await response.json()]).toMatchObject([503, TOO_OLD])
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(300)

  const made = encodeFrame({ ...exchangeWith([]), commands: exchangeWith(work).commands.map(asLater) }, 'json')
  expect(await (await post(world.url, stage.sam.token, made)).json()).toMatchObject(TOO_OLD)
  expect(await stage.sam.api.tickets.get.query({ ticketId })).toMatchObject({ tags: [] })
})

function asLater<Command>(command: Command) {
  return { ...command, schema: SCHEMA_VERSION + 1 }
}

it('keeps its work and goes on showing its tickets until the server is updated', async () => {
  await using world = await startWorld()
  const ada = await world.person('ada', 'agent')
  const { id: ticketId } = await world.ticket({ assignee: ada })
  const store = memoryStore()
  await (await world.device(ada, store)).close()
  let ahead = 1
  const dials: string[] = []
  /** Speaks as an app that is `ahead` versions newer would. */
  class LaterSocket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols)
      dials.push(url)
    }

    override send(data: Uint8Array<ArrayBuffer>): void {
      const frame = decodeFrame(DeviceFrame, data)
      super.send(frame.type === 'exchange' ? encodeFrame({ ...frame, schema: frame.schema + ahead }, 'cbor') : data)
    }
  }
  const { now, after } = world.clock
  const environment = { now, mono: now, after, random: () => 0.5, WebSocket: LaterSocket }
  const device = await openDevice({ url: world.url, store, environment })
  device.connect()
  await until(device, () => device.state === 'waiting')
  expect(device.problem).toMatchObject(TOO_OLD)

  await device.tickets.comment({ ticketId, body: 'Fuser ordered.' })
  world.clock.advance(4 * MINUTE)
  expect([dials.length, device.pending().length]).toEqual([1, 1])
  expect(device.view(ticketId)).toMatchObject({ title: 'Printer', comments: [{ body: 'Fuser ordered.' }] })

  ahead = 0
  // Step by step: a connection that is not answered within a minute is given up, and this one has only just been dialled.
  for (let steps = 0; dials.length === 1 && steps < 7 * 6; steps += 1) world.clock.advance(MINUTE / 6)
  await until(device, () => device.state === 'live' && device.pending().length === 0)
  expect(device.verdicts()).toMatchObject([{ name: 'comment.add', outcome: 'applied' }])
  expect(device.problem).toBeNull()
  await device.close()
})
