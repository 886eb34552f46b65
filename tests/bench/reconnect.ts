/** What a device that comes back to nothing new costs the server: its processor, for many devices at once. */
import { Courier } from '../harness/courier.ts'
import { range, table } from './figures.ts'
import { metricsOf } from './metrics.ts'
import { startOffice, type Worker } from './office.ts'

const DEVICES = 200
const TICKETS_EACH = 20
const ROUNDS = 9

export async function benchReconnect(): Promise<string> {
  await using office = await startOffice({ agents: DEVICES, tickets: DEVICES * TICKETS_EACH })
  const { url } = office
  const devices = office.workers.map(({ token }: Worker) => new Courier(token))
  await cpuOf(url, () => Promise.all(devices.map((device) => arrive(url, device))))
  const rounds: number[] = []
  while (rounds.length < ROUNDS) {
    for (const device of devices) device.disconnect()
    await settle(url)
    rounds.push((await cpuOf(url, () => Promise.all(devices.map((device) => arrive(url, device))))) / DEVICES)
  }
  for (const device of devices) device.disconnect()
  const [first = 0, ...later] = rounds
  return table(
    `reconnect: ${DEVICES} devices come back at once, and nothing has changed`,
    ['server CPU per device, first time', 'later'],
    [[range([first], 'ms'), range(later, 'ms')]],
  )
}

async function arrive(url: string, courier: Courier): Promise<void> {
  const greeted = courier.next()
  await courier.connect(url)
  await greeted
}

/** Milliseconds of CPU that the server used for `work`. */
async function cpuOf(url: string, work: () => Promise<unknown>): Promise<number> {
  const before = await cpuSeconds(url)
  await work()
  return ((await cpuSeconds(url)) - before) * 1000
}

/** Resolves when the server knows of nobody: what hanging up costs is no part of the next round. */
async function settle(url: string): Promise<void> {
  while ((await metricsOf(url)).get('rejoin_devices_connected') !== 0);
}

async function cpuSeconds(url: string): Promise<number> {
  return (await metricsOf(url)).get('process_cpu_seconds_total') ?? 0
}
