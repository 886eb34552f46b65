/** The memory that a device which is connected and has nothing to say costs the server. */
import { Courier } from '../harness/courier.ts'
import type { ServerProcess } from '../harness/server-process.ts'
import { short, table } from './figures.ts'
import { metricsOf } from './metrics.ts'
import { startOffice, type Worker } from './office.ts'

const DEVICES = 1000
const TICKETS_EACH = 20
/** People, each with at most ten devices: the cost of a device does not depend on its owner. */
const PEOPLE = 125
const AT_ONCE = 20
const MiB = 2 ** 20

export async function benchIdle(): Promise<string> {
  await using office = await startOffice({ agents: PEOPLE, tickets: PEOPLE * TICKETS_EACH })
  // The server allocates some state once, for all connections: the first devices warm it up.
  const warm = await connect(office.url, office.workers, PEOPLE)
  const before = await memoryOf(office)
  const devices = await connect(office.url, office.workers, DEVICES)
  const after = await memoryOf(office)
  for (const device of [...warm, ...devices]) device.disconnect()
  const rowOf = (name: string) => {
    const [empty, full] = [before.get(name) ?? 0, after.get(name) ?? 0]
    return [
      name,
      `${short(empty / MiB)} MiB`,
      `${short(full / MiB)} MiB`,
      `${short((full - empty) / 1024 / DEVICES)} KiB`,
    ]
  }
  return table(
    `idle: ${DEVICES} devices with ${TICKETS_EACH} tickets each, connected and caught up`,
    ['server', 'before', 'with them', 'per device'],
    ['process_resident_memory_bytes', 'nodejs_heap_size_used_bytes', 'nodejs_external_memory_bytes'].map(rowOf),
  )
}

async function connect(url: string, workers: readonly Worker[], count: number): Promise<Courier[]> {
  const couriers = Array.from(
    { length: count },
    (_, index) => new Courier(workers[index % workers.length]?.token ?? ''),
  )
  for (let at = 0; at < count; at += AT_ONCE) {
    await Promise.all(couriers.slice(at, at + AT_ONCE).map((courier) => arrive(url, courier)))
  }
  return couriers
}

async function arrive(url: string, courier: Courier): Promise<void> {
  const greeted = courier.next()
  await courier.connect(url)
  await greeted
}

/** The server's figures about itself, after garbage collection. */
async function memoryOf({ url, server }: { url: string; server: ServerProcess }): Promise<Map<string, number>> {
  for (let times = 0; times < 3; times += 1) {
    server.collectGarbage()
    await fetch(`${url}/healthz`)
  }
  return metricsOf(url)
}
