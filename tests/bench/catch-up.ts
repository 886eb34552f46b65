/** What it takes an SDK device to rejoin: time until it is live with everything applied, and bytes each way. */
import { v7 } from 'uuid'
import { connectApi, type Api } from '@rejoin/client-sdk/api.ts'
import type { Device } from '@rejoin/client-sdk/device.ts'
import { openDevice } from '@rejoin/client-sdk/open-device.ts'
import { memoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import { range, table } from './figures.ts'
import { startOffice } from './office.ts'
import { CountingSocket } from './counting-socket.ts'

const TICKETS = 200
const RUNS = 9

interface Sample {
  readonly ms: number
  readonly framesUp: number
  readonly bytesUp: number
  readonly framesDown: number
  readonly bytesDown: number
}

export async function benchCatchUp(): Promise<string> {
  await using office = await startOffice({ agents: 1, tickets: TICKETS })
  const [worker] = office.workers
  if (worker === undefined) throw new Error('nobody works here')
  const { url } = office
  const { token, ticketIds } = worker
  const api = connectApi(url, office.office.token)
  const device = await open(url, token)
  await rejoin(device)

  const rows: string[][] = []
  for (const share of [0, 0.01, 1]) {
    const changed = ticketIds.slice(0, TICKETS * share)
    const samples = await repeat(async () => {
      device.disconnect()
      await comment(api, changed)
      return rejoin(device)
    })
    rows.push(rowOf(`${share * 100} % changed (${changed.length})`, samples))
  }
  await device.close()
  const bootstraps = await repeat(async () => {
    const fresh = await open(url, token)
    const sample = await rejoin(fresh)
    await fresh.close()
    return sample
  })
  rows.push(rowOf('bootstrap', bootstraps))
  return table(
    `catch-up: an SDK device with ${TICKETS} tickets rejoins; WebSocket frames with their headers; median of ${RUNS}`,
    ['', 'time', 'frames up', 'bytes up', 'frames down', 'bytes down'],
    rows,
  )
}

function open(url: string, token: string): Promise<Device> {
  return openDevice({ url, token, store: memoryStore(), environment: { WebSocket: CountingSocket } })
}

async function rejoin(device: Device): Promise<Sample> {
  CountingSocket.reset()
  globalThis.gc?.()
  const start = performance.now()
  device.connect()
  await device.settled()
  return { ms: performance.now() - start, ...CountingSocket.traffic }
}

async function comment(api: Api, ticketIds: readonly string[]): Promise<void> {
  const body = 'The spare part arrived; please fit it before Friday.'
  for (let at = 0; at < ticketIds.length; at += 20) {
    const some = ticketIds.slice(at, at + 20)
    await Promise.all(some.map((ticketId) => api.tickets.comment.mutate({ ticketId, commentId: v7(), body })))
  }
}

/** The first run only warms up. */
async function repeat(run: () => Promise<Sample>): Promise<Sample[]> {
  await run()
  const samples: Sample[] = []
  while (samples.length < RUNS) samples.push(await run())
  return samples
}

function rowOf(name: string, samples: readonly Sample[]): string[] {
  const column = (pick: (sample: Sample) => number, unit = '') => range(samples.map(pick), unit)
  return [
    name,
    column(({ ms }) => ms, 'ms'),
    column(({ framesUp }) => framesUp),
    column(({ bytesUp }) => bytesUp),
    column(({ framesDown }) => framesDown),
    column(({ bytesDown }) => bytesDown),
  ]
}
