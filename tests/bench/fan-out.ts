/** How soon a change is with everybody who watches, and how many changes a second they can be told of. */
import { v7 } from 'uuid'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { Courier } from '../harness/courier.ts'
import { percentile, short, table } from './figures.ts'
import { startOffice } from './office.ts'

/** A person may add ten devices an hour. */
const PEOPLE = 20
const WATCHERS = 200
const CHANGES = 300
const TICKETS = 20
const WRITERS = 20

export async function benchFanOut(): Promise<string> {
  await using office = await startOffice({ agents: PEOPLE, tickets: TICKETS })
  const api = connectApi(office.url, office.office.token)
  const ticketIds = office.workers.flatMap((worker) => worker.ticketIds)
  // In the queue of their department, everybody watches all of them.
  for (const ticketId of ticketIds) await api.tickets.unassign.mutate({ ticketId })
  const watchers = Array.from(
    { length: WATCHERS },
    (_, index) => new Courier(office.workers[index % PEOPLE]?.token ?? ''),
  )
  for (const watcher of watchers) {
    const greeted = watcher.next()
    await watcher.connect(office.url)
    await greeted
  }
  const comment = (at: number) => {
    const ticketId = ticketIds[at % TICKETS] ?? ''
    return api.tickets.comment.mutate({ ticketId, commentId: v7(), body: 'The spare part arrived.' })
  }

  const latencies: number[] = []
  for (let count = 0; count < CHANGES; count += 1) {
    const start = performance.now()
    const told = watchers.map((watcher) => watcher.next().then(() => latencies.push(performance.now() - start)))
    await Promise.all([comment(count), ...told])
  }

  const start = performance.now()
  let written = 0
  const target = watchers.map((watcher) => (watcher.position?.cursor ?? 0) + CHANGES)
  const writers = Array.from({ length: WRITERS }, async () => {
    while (written < CHANGES) await comment((written += 1))
  })
  const caughtUp = watchers.map(async (watcher, index) => {
    while ((watcher.position?.cursor ?? 0) < (target[index] ?? 0)) await watcher.next()
  })
  await Promise.all([...writers, ...caughtUp])
  const seconds = (performance.now() - start) / 1000
  for (const watcher of watchers) watcher.disconnect()
  return table(
    `fan-out: one change to ${WATCHERS} watchers, from the call until the frame is there`,
    ['p50 ms', 'p99 ms', 'changes/s sustained', 'frames/s'],
    [
      [percentile(latencies, 0.5), percentile(latencies, 0.99), CHANGES / seconds, (CHANGES * WATCHERS) / seconds].map(
        short,
      ),
    ],
  )
}
