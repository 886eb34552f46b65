/**
 * A whole exchange in one answer, for devices that use HTTP. Its rules are in `exchange.ts` and `reconcile.ts`. A
 * device asks again for the rest if one answer cannot hold it: see `docs/wire.md`.
 */
import type { Exchange } from '@rejoin/shared/sync/wire.ts'
import { admitDevice } from './devices.ts'
import { batches, receive, standing, type OutgoingBatch, type SyncApp } from './exchange.ts'
import { FULL } from './parts.ts'
import { endReconcile, reconcile } from './reconcile.ts'
import { understood } from './versions.ts'

export async function singleExchange(app: SyncApp, actorId: string, sent: Exchange): Promise<OutgoingBatch> {
  const exchange = understood(sent)
  admitDevice(app, actorId, exchange)
  const question = await reconcile(app, actorId, exchange)
  if (question !== null) return question
  const received = { ...(await receive(app, actorId, exchange)), held: exchange.held }
  const position = standing(app, actorId, exchange)
  for await (const { batch } of batches(app, actorId, position, received, FULL)) {
    if (exchange.held !== undefined && batch.more !== true) await endReconcile(app, actorId, exchange)
    return batch
  }
  throw new Error('a catch-up has at least one part')
}
