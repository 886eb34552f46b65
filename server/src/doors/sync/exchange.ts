/**
 * One exchange: judges the device's commands, then tells it the changes that it lacks. The same for socket and HTTP.
 */
import { documentIdOf } from '@rejoin/shared/kinds.ts'
import type { Actor } from '@rejoin/shared/access/access.ts'
import type { Verdict } from '@rejoin/shared/sync/verdicts.ts'
import type { ActorView, Batch, Exchange, HeldDocument, LogPosition } from '@rejoin/shared/sync/wire.ts'
import type { z } from 'zod'
import { knowsRightsAt } from '../../slices/accounts/queries.ts'
import type { Commits } from '../../core/commit/commit.ts'
import type { Damage } from '../../core/storage/damage.ts'
import { decidedSince } from '../../core/commit/receipts.ts'
import type { Log } from '../../core/runtime/log.ts'
import type { Metrics } from '../../core/runtime/metrics.ts'
import type { Kinds } from '../../core/documents/kinds.ts'
import type { Pace } from '../../core/runtime/pace.ts'
import type { Read } from '../../core/storage/db.ts'
import type { Secrets } from '../../core/secrets.ts'
import type { Admission } from './admission.ts'
import { headOf, knows, NOWHERE } from '../../core/storage/revisions.ts'
import { reunion, since, wholeScope, type Former, type Target } from './catch-up.ts'
import type { Contacts } from './contacts.ts'
import { enrolmentOf, incarnationsOf, noteContact, seenBounds } from './devices.ts'
import { judge } from './judge.ts'
import type { Oversized } from './oversized.ts'
import { parts, SMALL, type Item, type Part } from './parts.ts'
import type { Greetings } from './greetings.ts'
import { seenBy } from './past.ts'
import { scopeAt } from './scope.ts'
import type { Understood } from './versions.ts'

export interface SyncApp {
  readonly read: Read
  readonly commits: Commits
  readonly damage: Damage
  readonly kinds: Kinds
  readonly contacts: Contacts
  readonly metrics: Metrics
  readonly epoch: string
  readonly secrets: Secrets
  readonly config: { readonly horizonDays: number }
  /** Names this start of the server: work that comes back after a restore is counted by it. */
  readonly clientId: number
  readonly greetings: Greetings
  readonly oversized: Oversized
  readonly pace: Pace
  readonly admission: Admission
  readonly log: Log
  now(): number
}

export type OutgoingBatch = z.input<typeof Batch>

/** Judges the exchange's commands. Returns their verdicts and the tickets that the device must take anew. */
export async function receive(
  app: SyncApp,
  actorId: string,
  exchange: Understood,
): Promise<Pick<News, 'incarnations' | 'incarnation'> & { verdicts: Verdict[]; resend: Set<string> }> {
  await noteContact(app, actorId, exchange)
  const incarnations = incarnationsOf(app.read, exchange.device)
  const seen = seenBounds(app, exchange.device)
  const verdicts = await judge({ commits: app.commits, now: app.now(), incarnations, seen }, actorId, exchange)
  app.contacts.hasSeen(exchange.device, seenBy(app, exchange), { at: app.now(), written: seen.from })
  const refusedTexts = exchange.commands.filter(
    ({ name }, index) => name === 'text.write' && verdicts[index]?.outcome === 'refused',
  )
  return {
    incarnations,
    incarnation: enrolmentOf(exchange),
    verdicts,
    resend: new Set(refusedTexts.flatMap((command) => documentIdOf(command) ?? [])),
  }
}

/** The position of the device; null if this database does not know it, or the device lists the documents it holds. */
export function standing(
  app: SyncApp,
  actorId: string,
  { epoch, cursor, tag, held }: Pick<Exchange, 'epoch' | 'cursor' | 'tag' | 'held'>,
): LogPosition | null {
  if (held !== undefined || epoch !== app.epoch || cursor === 0 || tag === undefined) return null
  // Without the person's rights at that cursor, the tickets that left their scope since cannot be determined.
  if (!knowsRightsAt(app.read, actorId, cursor)) return null
  return knows(app.read, { cursor, tag }) ? { cursor, tag } : null
}

/** A batch on its way to a device, and the position to which it brings the device. */
export interface Outgoing {
  readonly batch: OutgoingBatch
  readonly position: LogPosition
  /** The keys of the device's scope there. */
  readonly keys: readonly string[]
}

/**
 * The batches that bring the person's device up to date, the verdicts in the first of them: from `position`, or from
 * the documents that a reconciled device holds, or, without either, from nothing.
 */
export async function* batches(
  app: SyncApp,
  actorId: string,
  position: LogPosition | null,
  { incarnations, incarnation, verdicts, resend, held }: News,
  cut = SMALL,
): AsyncGenerator<Outgoing> {
  const { read, metrics } = app
  const head = headOf(read)
  const target = { head, scope: scopeAt(read, actorId, head.cursor), healing: app }
  const { actor, keys } = target.scope
  const former = position === null ? null : { from: position, scope: scopeAt(read, actorId, position.cursor), resend }
  const reset = position === null && held === undefined
  const told = withDecided(read, incarnations, { position, verdicts })
  let first = true
  let hasNews = false
  const items = news(read, told, { former, target, held })
  try {
    for await (const part of parts({ from: position ?? NOWHERE, head, cut }, items)) {
      const opening = first
        ? { incarnation, reset, ...(!haveSameRights(former?.scope.actor, actor) && { actor: asView(actor) }) }
        : {}
      first = false
      for (const { documentId, reason } of part.leave) if (reason === 'too-large') app.oversized.meet(documentId)
      hasNews ||= part.enter.length + part.change.length + part.leave.length > 0
      yield { batch: { ...batchOf(app, part), ...opening }, position: part.position, keys }
    }
  } finally {
    metrics.catchUps.inc({ mode: modeOf(reset, hasNews) })
  }
}

function haveSameRights(one: Actor | undefined, other: Actor): boolean {
  if (one?.role !== other.role || one.departments.join() !== other.departments.join()) return false
  return JSON.stringify(one.customRole) === JSON.stringify(other.customRole)
}

function modeOf(isReset: boolean, hasNews: boolean): string {
  if (isReset) return 'whole'
  return hasNews ? 'incremental' : 'nothing'
}

/** The result of an exchange, for the device that sent it. */
export interface News {
  /** The ids of the device, the present incarnation first: verdicts on work under any of them are for this device. */
  readonly incarnations: readonly string[]
  /** The incarnation for a device that has none. */
  readonly incarnation?: number | undefined
  readonly verdicts: readonly Verdict[]
  /** The tickets that the device must take anew. */
  readonly resend: ReadonlySet<string>
  /** The documents that a reconciled device holds. */
  readonly held?: readonly HeldDocument[] | undefined
}

/**
 * Adds the verdicts of earlier commands that changed meanwhile, as those of parked commands do when decided. Such a
 * decision may even follow its command within the exchange; then the device must get the decision.
 */
function withDecided(
  read: Read,
  incarnations: readonly string[],
  { position, verdicts }: { position: LogPosition | null; verdicts: readonly Verdict[] },
): Verdict[] {
  const now = new Set(verdicts.map(({ id }) => id))
  const decided = decidedSince(read, incarnations, position?.cursor ?? 0)
  const latest = new Map(decided.map((verdict) => [verdict.id, verdict]))
  // The decision belongs to the other command with the same id.
  const newest = (verdict: Verdict) => (verdict.code === 'key-reused' ? verdict : (latest.get(verdict.id) ?? verdict))
  return [...verdicts.map(newest), ...decided.filter(({ id }) => !now.has(id))]
}

async function* news(
  read: Read,
  verdicts: readonly Verdict[],
  { former, target, held }: { former: Former | null; target: Target } & Pick<News, 'held'>,
): AsyncGenerator<Item> {
  for (const verdict of verdicts) yield { verdict }
  if (former !== null) yield* since(read, former, target)
  else yield* held === undefined ? wholeScope(read, target) : reunion(read, target, held)
}

function batchOf(app: SyncApp, { position, enter, change, leave, ...part }: Part): OutgoingBatch {
  return {
    type: 'batch',
    epoch: app.epoch,
    ...position,
    serverTime: app.now(),
    ...part,
    enter: enter.map(({ documentId: ticketId, state }) => ({ ticketId, state })),
    change: change.map(({ documentId: ticketId, update }) => ({ ticketId, update })),
    leave: leave.map(({ documentId: ticketId, reason }) => ({ ticketId, reason })),
  }
}

function asView({ id, name, role, customRole, departments }: Actor): ActorView | undefined {
  return role === 'system' ? undefined : { id, name, role, customRole, departments: [...departments] }
}
