/**
 * Applies a batch to the device: one turn of the journal, so documents, position, verdicts and the outbox move
 * together.
 *
 * 1. Every verdict decides at most one waiting command, once.
 * 2. A document is replaced by `enter`, extended by `change`, and removed by `leave` or when a listing of the whole
 *    scope ends without it. Work that waits for a removed one stays, and the ticket goes to the handed-over tray.
 * 3. The position moves only when everything up to it is held: during a listing, at its end.
 * 4. After a batch that was not applied, none of its session is.
 * 5. A server that does not know the device's position has judged nothing and moves nothing; see `reconcile.ts`.
 * 6. A store belongs to one person: a batch for another is refused whole.
 */
import { documentIdOf } from '@rejoin/shared/kinds.ts'
import { DEVICE_COMMANDS, isDeviceCommand } from '@rejoin/shared/commands.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { effectiveTime, type DeviceTime } from '@rejoin/shared/sync/time.ts'
import type { Verdict } from '@rejoin/shared/sync/verdicts.ts'
import type { ActorView, Batch, LeaveReason, QueuedCommand } from '@rejoin/shared/sync/wire.ts'
import { contactAt, keepContacts } from '../clock.ts'
import type { DecisionTimes } from '../ledger/inbox.ts'
import type { Draft } from '../ledger/journal.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Entry } from '../ledger/outbox.ts'
import { asToday, textUpdateOf, type MadeCommand, type Meta } from '../ledger/records.ts'
import { compose } from '../ledger/replica.ts'
import { answeredGreeting } from './identity.ts'
import { positionsWith } from './log-positions.ts'
import { beginReconcile } from './reconcile.ts'
import type { Session } from './session.ts'

/** A batch that does not fit what the device holds: it has to ask for the whole scope again. */
export class Misfit extends Error {
  constructor(ticketId: string) {
    super(`The server sent a change to ${ticketId} that does not build on the copy on this device.`)
    this.name = 'Misfit'
  }
}

type Bases = Map<string, Uint8Array>

interface Judged {
  readonly entry: Entry
  readonly verdict: Verdict
}

/** Throws `Refusal('foreign-device')` and `Misfit`; nothing of the batch is applied then, nor of those after it. */
export function applyBatch(draft: Draft, ledger: Ledger, batch: Batch, clock: DeviceTime, session: Session): void {
  if (session.isOver || session.hasGap) return
  session.hasGap = true
  checkActor(ledger.meta.value.actor, batch.actor)
  if (batch.reset) session.listing = new Set()
  for (const { ticketId } of batch.enter) session.listing?.add(ticketId)

  if (batch.reconcile?.since !== undefined) beginReconcile(draft, ledger, session, batch.reconcile.since)
  if (!batch.more && session.reconciling !== null) ledger.outbox.forgetSeen(draft, session.reconciling.since)
  for (const verdict of batch.verdicts) ledger.inbox.decideAgain(draft, verdict, batch.serverTime)
  const judged = judgedIn(ledger, batch)
  for (const { entry, verdict } of judged) session.judged.push({ command: entry.command, verdict })
  const bases = changedDocuments(ledger, batch)
  for (const each of judged) confirmText(ledger, bases, each)

  for (const [ticketId, reason] of leaving(ledger, batch, session)) {
    bases.delete(ticketId)
    if (ledger.replica.has(ticketId)) draft.leave({ ticketId, reason })
    ledger.replica.drop(draft, ticketId)
    if (isHandedOver(ledger, session, ticketId)) ledger.handedOver.add(draft, ticketId, batch.serverTime)
  }
  for (const [ticketId, base] of bases) ledger.replica.put(draft, ticketId, base)
  for (const { ticketId } of batch.enter) ledger.handedOver.remove(draft, ticketId)
  for (const each of judged) decide(draft, ledger, each, timesOf(ledger, each.entry.command, batch, clock))

  if (!batch.more) {
    session.listing = null
    session.judged.length = 0
  }
  updateMeta(draft, ledger, batch, clock, session)
  draft.after(() => {
    session.hasGap = false
    for (const { ticketId } of batch.enter) ledger.outbox.seal(ticketId)
    for (const { id } of batch.verdicts) session.inFlight.delete(id)
    if (batch.reconcile !== undefined) session.inFlight.clear()
    if (!batch.more) session.reconciling = null
    for (const ticketId of draft.tickets) ledger.replica.settle(ticketId)
  })
}

/** The commands that wait and have a verdict now, in their order. */
function judgedIn({ outbox }: Ledger, batch: Batch): Judged[] {
  const verdicts = new Map(batch.verdicts.map((verdict) => [verdict.id, verdict]))
  return outbox.all().flatMap((entry) => {
    const verdict = verdicts.get(entry.command.id)
    return verdict === undefined ? [] : [{ entry, verdict }]
  })
}

function checkActor(mine: ActorView | null, named: ActorView | undefined): void {
  if (mine === null || named === undefined || mine.id === named.id) return
  throw new Refusal(
    'foreign-device',
    `The data on this device belongs to ${mine.name}, but ${named.name} has signed in.`,
    `Sign in as ${mine.name}, or open a device with another store.`,
  )
}

function changedDocuments(ledger: Ledger, { enter, change }: Batch): Bases {
  const bases: Bases = new Map()
  for (const { ticketId, state } of enter) extend(bases, ticketId, [state])
  for (const { ticketId, update } of change) {
    const base = bases.get(ticketId) ?? ledger.replica.findBase(ticketId)
    if (base === undefined) throw new Misfit(ticketId)
    extend(bases, ticketId, [base, update])
  }
  return bases
}

function extend(bases: Bases, ticketId: string, updates: readonly Uint8Array[]): void {
  const { state, isWhole } = compose(updates)
  if (!isWhole) throw new Misfit(ticketId)
  bases.set(ticketId, state)
}

/** A text that the server took becomes part of the base with its verdict, whenever its `change` arrives. */
function confirmText(ledger: Ledger, bases: Bases, { entry: { command }, verdict }: Judged): void {
  const update = textUpdateOf(command)
  const ticketId = documentIdOf(command)
  const isTaken = verdict.outcome === 'applied' || verdict.outcome === 'adjusted'
  if (update === null || ticketId === null || !isTaken) return
  const base = bases.get(ticketId) ?? ledger.replica.findBase(ticketId)
  if (base === undefined) return
  const { state, isWhole } = compose([base, update])
  if (isWhole) bases.set(ticketId, state)
}

/** The tickets to remove: those that the batch names, and at the end of a listing those that it did not name. */
function leaving(ledger: Ledger, batch: Batch, { listing }: Session): Map<string, LeaveReason> {
  const named = new Map(batch.leave.map(({ ticketId, reason }) => [ticketId, reason]))
  for (const ticketId of named.keys()) listing?.delete(ticketId)
  if (listing === null || batch.more) return named
  const unlisted = ledger.replica.ids().filter((ticketId) => !listing.has(ticketId))
  return new Map([...unlisted.map((ticketId) => [ticketId, 'access-lost'] as const), ...named])
}

/** Whether the ticket left with work on it that is not plainly done, or for a reason that is not the author's own. */
function isHandedOver(ledger: Ledger, { judged }: Session, ticketId: string): boolean {
  const done = judged.filter(({ command }) => documentIdOf(command) === ticketId)
  const ids = new Set(done.map(({ command }) => command.id))
  const isWaiting = ledger.outbox.ofTicket(ticketId).some(({ command }) => !ids.has(command.id))
  if (isWaiting || ledger.typing.updatesOf(ticketId).length > 0) return true
  if (done.some(({ verdict }) => verdict.outcome !== 'applied')) return true
  return done.length > 0 && !done.some(({ command }) => isSendingAway(command))
}

function isSendingAway(command: MadeCommand): boolean {
  const { name, input } = asToday(command)
  return isDeviceCommand(name) && DEVICE_COMMANDS[name].sendsAway(input)
}

/** As the server has worked it out: the device's clocks read now what they read when the command arrived there. */
function timesOf({ meta }: Ledger, { at }: QueuedCommand, { serverTime: receivedAt }: Batch, sent: DeviceTime) {
  const { contacts } = meta.value
  const { effectiveAt } = effectiveTime({ at, sent, contacts, receivedAt, notBefore: 0 })
  return { decidedAt: receivedAt, effectiveAt }
}

function decide(draft: Draft, ledger: Ledger, { entry, verdict }: Judged, times: DecisionTimes): void {
  ledger.outbox.remove(draft, entry)
  ledger.inbox.decide(draft, entry, verdict, times)
  const ticketId = documentIdOf(entry.command)
  if (ticketId !== null) draft.touchTicket(ticketId)
}

/** The position moves with the last batch of several; the verdicts and documents of the others are ahead of it. */
function positionOf({ meta, inbox }: Ledger, batch: Batch, { reconciling }: Session): Partial<Meta> {
  const { epoch, cursor, tag, more } = batch
  if (more) return { isAhead: true }
  const { since = Number.POSITIVE_INFINITY } = reconciling ?? {}
  const common = meta.value.places.filter((position) => position.cursor <= since)
  const places = positionsWith(common, { cursor, tag, order: inbox.nextOrder })
  return { epoch, cursor, tag, places, isAhead: false }
}

function updateMeta(draft: Draft, ledger: Ledger, batch: Batch, clock: DeviceTime, session: Session): void {
  const { meta, outbox, replica } = ledger
  const position = positionOf(ledger, batch, session)
  const waiting = outbox.all().map(({ command }) => command.at)
  const contacts = keepContacts(meta.value.contacts, contactAt(batch.serverTime, clock), waiting)
  const identity = answeredGreeting(meta.value, batch.incarnation)
  meta.update(draft, { ...position, ...identity, contacts, ...(batch.actor && { actor: batch.actor }) })
  // Every prediction depends on who predicts.
  if (batch.actor === undefined) return
  const ofWaiting = outbox.all().flatMap((entry) => documentIdOf(entry.command) ?? [])
  for (const ticketId of [...replica.ids(), ...ofWaiting]) draft.touchTicket(ticketId)
}
