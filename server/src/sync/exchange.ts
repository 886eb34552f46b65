/** One exchange: judge what the device brings, then tell it what it does not know. The same for socket and HTTP. */
import { scopeKeysOf, type Actor } from '@rejoin/shared/access.ts'
import type { Verdict } from '@rejoin/shared/verdicts.ts'
import type { ActorView, Batch, Exchange } from '@rejoin/shared/wire.ts'
import type { z } from 'zod'
import { getActor, getScopeSeq } from '../accounts/queries.ts'
import type { Commits } from '../core/commit/commit.ts'
import type { Read } from '../core/db.ts'
import { knows, since, wholeScope, type Part, type Position } from './catch-up.ts'
import { noteContact } from './devices.ts'
import { judge, ticketOf } from './judge.ts'

export interface SyncApp {
  readonly read: Read
  readonly commits: Commits
  readonly epoch: string
  now(): number
}

export type OutgoingBatch = z.input<typeof Batch>

/** Judges the exchange's commands. Returns their verdicts and the tickets that the device must take anew. */
export async function receive(
  app: SyncApp,
  actorId: string,
  exchange: Exchange,
): Promise<{ verdicts: Verdict[]; resend: Set<string> }> {
  const context = { read: app.read, commits: app.commits, now: app.now() }
  await noteContact(context, actorId, exchange)
  const verdicts = await judge(context, actorId, exchange)
  const refusedTexts = exchange.commands.filter(
    ({ name }, index) => name === 'text.write' && verdicts[index]?.outcome === 'refused',
  )
  return { verdicts, resend: new Set(refusedTexts.flatMap(({ input }) => ticketOf(input) ?? [])) }
}

/** Where the device stands, or null when that means nothing to this database or no longer to this person. */
export async function standing(
  app: SyncApp,
  actorId: string,
  { epoch, cursor, tag }: Pick<Exchange, 'epoch' | 'cursor' | 'tag'>,
): Promise<Position | null> {
  if (epoch !== app.epoch || cursor === 0 || tag === undefined) return null
  if ((await getScopeSeq(app.read, actorId)) > cursor) return null
  return (await knows(app.read, { cursor, tag })) ? { cursor, tag } : null
}

/** The batches that bring the person's device from `position` up to date, the verdicts in the first of them. */
export async function* batches(
  app: SyncApp,
  actor: Actor,
  position: Position | null,
  { verdicts, resend }: { verdicts: readonly Verdict[]; resend: ReadonlySet<string> },
): AsyncGenerator<OutgoingBatch & { readonly position: Position }> {
  const scope = { keys: scopeKeysOf(actor), resend }
  const reset = position === null
  let first = true
  for await (const part of reset ? wholeScope(app.read, scope) : since(app.read, position, scope)) {
    const opening = first ? { verdicts: [...verdicts], reset, ...(reset && { actor: asView(actor) }) } : {}
    first = false
    yield { ...batchOf(app, part), ...opening, position: part.position }
  }
}

function batchOf(app: SyncApp, { position, ...part }: Part): OutgoingBatch {
  return { type: 'batch', epoch: app.epoch, ...position, serverTime: app.now(), ...part }
}

function asView({ id, name, role, departments }: Actor): ActorView | undefined {
  return role === 'system' ? undefined : { id, name, role, departments: [...departments] }
}

/** A whole exchange at once, for devices that ask by HTTP. */
export async function exchangeOnce(app: SyncApp, actorId: string, exchange: Exchange): Promise<OutgoingBatch> {
  const received = await receive(app, actorId, exchange)
  const actor = await getActor(app.read, actorId)
  const position = await standing(app, actorId, exchange)
  let whole: OutgoingBatch | undefined
  for await (const { position: _, ...batch } of batches(app, actor, position, received)) {
    whole = {
      ...batch,
      verdicts: received.verdicts,
      reset: position === null,
      actor: whole?.actor ?? batch.actor,
      enter: [...(whole?.enter ?? []), ...(batch.enter ?? [])],
      change: [...(whole?.change ?? []), ...(batch.change ?? [])],
      leave: [...(whole?.leave ?? []), ...(batch.leave ?? [])],
    }
  }
  if (whole === undefined) throw new Error('a catch-up has at least one part')
  return whole
}
