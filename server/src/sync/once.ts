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
  const position = await standing(app, actorId, exchange)
  let whole: OutgoingBatch | undefined
  for await (const { batch } of batches(app, actorId, position, received)) {
    whole = {
      ...batch,
      verdicts: whole?.verdicts ?? batch.verdicts,
      reset: whole?.reset ?? batch.reset,
      incarnation: whole?.incarnation ?? batch.incarnation,
      actor: whole?.actor ?? batch.actor,
      enter: [...(whole?.enter ?? []), ...(batch.enter ?? [])],
      change: [...(whole?.change ?? []), ...(batch.change ?? [])],
      leave: [...(whole?.leave ?? []), ...(batch.leave ?? [])],
    }
  }
  if (whole === undefined) throw new Error('a catch-up has at least one part')
  if (exchange.held !== undefined) await endReconcile(app, actorId, exchange)
  return whole
}
