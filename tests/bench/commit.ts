/** How many commands a second get their verdict, and how long each waits for it. */
import { v7 } from 'uuid'
import { Courier } from '../harness/courier.ts'
import { percentile, short, table } from './figures.ts'
import { startOffice, type Worker } from './office.ts'

const WRITERS = [1, 10, 100]
const WARM_UP_MS = 1500
const MEASURE_MS = 5000
/** The same number for any number of writers, so that no ticket grows larger than real ones. */
const TICKETS = 200

export async function benchCommit(): Promise<string> {
  const rows: string[][] = []
  for (const writers of WRITERS) {
    const { latencies, seconds } = await measure(writers)
    const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)]
    rows.push([String(writers), short(latencies.length / seconds), short(p50), short(p99), String(latencies.length)])
  }
  return table(
    'commit: comment.add through the sync socket, each writer waits for its verdict before the next',
    ['writers', 'commands/s', 'p50 ms', 'p99 ms', 'commands'],
    rows,
  )
}

async function measure(writers: number): Promise<{ latencies: number[]; seconds: number }> {
  await using office = await startOffice({ agents: writers, tickets: TICKETS })
  const couriers = await Promise.all(office.workers.map((worker) => arrive(office.url, worker)))
  await Promise.all(couriers.map((courier, index) => write(courier, office.workers[index], WARM_UP_MS)))
  const start = performance.now()
  const latencies = await Promise.all(
    couriers.map((courier, index) => write(courier, office.workers[index], MEASURE_MS)),
  )
  const seconds = (performance.now() - start) / 1000
  for (const courier of couriers) courier.disconnect()
  return { latencies: latencies.flat(), seconds }
}

async function arrive(url: string, { token }: Worker): Promise<Courier> {
  const courier = new Courier(token)
  const greeted = courier.next()
  await courier.connect(url)
  await greeted
  return courier
}

async function write(courier: Courier, worker: Worker | undefined, forMs: number): Promise<number[]> {
  const ticketIds = worker?.ticketIds ?? []
  const latencies: number[] = []
  const end = performance.now() + forMs
  while (performance.now() < end) {
    const ticketId = ticketIds[latencies.length % ticketIds.length] ?? ''
    const start = performance.now()
    const decided = new Promise<string>((resolve, reject) => {
      courier.onVerdict = ({ outcome }) => resolve(outcome)
      courier.onLost = reject
    })
    courier.send('comment.add', { ticketId, commentId: v7(), body: 'Looked at it; the second tray feeds two pages.' })
    const outcome = await decided
    if (outcome !== 'applied') throw new Error(`a comment was ${outcome}`)
    latencies.push(performance.now() - start)
  }
  return latencies
}
