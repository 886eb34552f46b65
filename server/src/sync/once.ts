/** A whole exchange in one answer, for devices that ask by HTTP. What it means is in `exchange.ts` and `reconcile.ts`. */
import type { Exchange } from '@rejoin/shared/wire.ts'
import { meetDevice } from './devices.ts'
import { batches, receive, standing, type OutgoingBatch, type SyncApp } from './exchange.ts'
import { endReconcile, reconcile } from './reconcile.ts'
import { understood } from './versions.ts'

export async function exchangeOnce(app: SyncApp, actorId: string, sent: Exchange): Promise<OutgoingBatch> {
  const exchange = understood(sent)
  await meetDevice(app, actorId, exchange)
  const question = await reconcile(app, actorId, exchange)
  if (question !== null) return question
  const received = { ...(await receive(app, actorId, exchange)), held: exchange.held }
  const position = await standing(app, exchange)
  const parts: OutgoingBatch[] = []
  for await (const { batch } of batches(app, actorId, position, received)) parts.push(batch)
  if (exchange.held !== undefined) await endReconcile(app, actorId, exchange)
  return joined(parts)
}

/** What is told once is in the first part, the place in the last. */
function joined(parts: readonly OutgoingBatch[]): OutgoingBatch {
  const [first, last] = [parts[0], parts.at(-1)]
  if (first === undefined || last === undefined) throw new Error('a catch-up has at least one part')
  const { verdicts, reset, incarnation, actor } = first
  return {
    ...last,
    verdicts,
    reset,
    incarnation,
    actor,
    enter: parts.flatMap(({ enter = [] }) => enter),
    change: parts.flatMap(({ change = [] }) => change),
    leave: parts.flatMap(({ leave = [] }) => leave),
  }
}
