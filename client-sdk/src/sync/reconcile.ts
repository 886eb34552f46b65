/**
 * The dialogue with a server that does not know the device's position. The device sends the positions it has been at,
 * then the commands decided since the newest one that both know, then the list of its documents. The server answers
 * each part before the device sends the next, and the device gives nothing up before it has stored the last answer, so
 * an interrupted device begins again and comes to the same end.
 */
import { MAX_COMMANDS, MAX_HELD, type HeldDocument, type OfferedCommand } from '@rejoin/shared/sync/wire.ts'
import * as Y from 'yjs'
import type { Environment } from '../environment.ts'
import type { Draft } from '../ledger/journal.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { DecidedRecord, Meta } from '../ledger/records.ts'
import { readClock } from '../clock.ts'
import { asSent, exchangeOf, fitting } from './exchange.ts'
import type { Session } from './session.ts'
import { MAX_COMMAND_BYTES, sizeOf } from '../ledger/size.ts'

/** Half a frame; documents beyond it are sent by the server as a whole. */
const MAX_SNAPSHOT_BYTES = MAX_COMMAND_BYTES / 2

/**
 * Whether the device begins with the positions it has been at: its present position does not cover all its documents.
 */
export function isUnsure({ meta }: Ledger): boolean {
  return meta.value.isAhead || isMisfit(meta.value)
}

/** Whether the device's documents did not fit the server's updates, so that it has to take them again. */
function isMisfit({ epoch, places }: Meta): boolean {
  return epoch === null && places.length > 0
}

export function sendPositions({ meta }: Ledger, environment: Environment, session: Session): void {
  const places = meta.value.places.map(({ cursor, tag }) => ({ cursor, tag })).toReversed()
  session.send({ ...exchangeOf(meta.value, readClock(environment), []), places })
}

/** Notes the commands to offer, now that `since`, the newest common position, is known; 0: there is none. */
export function beginReconcile(draft: Draft, { meta, inbox }: Ledger, session: Session, since: number): void {
  const position = meta.value.places.find(({ cursor }) => cursor === since)
  const left = inbox.decidedFrom(position?.order ?? 0).map(({ command }) => command.id)
  inbox.forgetSeen(draft, since)
  draft.after(() => {
    session.reconciling = { since, left, isAllSent: false }
  })
}

/** Sends the next part. Returns whether there was one. */
export function sendNext(ledger: Ledger, environment: Environment, session: Session): boolean {
  const { reconciling } = session
  if (session.isOver || reconciling?.isAllSent === true) return false
  if (reconciling === null) {
    sendPositions(ledger, environment, session)
    return true
  }
  const exchange = exchangeOf(ledger.meta.value, readClock(environment), [])
  const offered = nextOffers(ledger, reconciling.left)
  session.reconciling = {
    ...reconciling,
    left: reconciling.left.slice(offered.length),
    isAllSent: offered.length === 0,
  }
  session.send(offered.length > 0 ? { ...exchange, offered } : { ...exchange, held: listHeld(ledger, session) })
  return true
}

/** Commands in the order in which they were made: that is the order of their times, unless a clock was wrong. */
function nextOffers({ inbox }: Ledger, ids: readonly string[]) {
  // One more than fits, so that a group which goes on is seen.
  const records = ids.slice(0, MAX_COMMANDS + 1).flatMap((id) => inbox.find(id) ?? [])
  const offers = records.map(offerOf)
  const sized = offers.map((command) => ({ command, bytes: sizeOf(command) }))
  return fitting(sized, MAX_COMMANDS).map(({ command }) => command)
}

/** A refused command goes without its input: the server answers with its verdict and does not judge it again. */
function offerOf({ command, verdict, effectiveAt }: DecidedRecord): OfferedCommand {
  const offer = { ...asSent(command), effectiveAt }
  if (verdict.outcome !== 'refused') return offer
  const { input: _, ...named } = offer
  return { ...named, refused: true }
}

/** The server sends no updates for documents beyond `MAX_HELD`, so those go unless it sends them as a whole. */
function listHeld(ledger: Ledger, session: Session): HeldDocument[] {
  const ids = ledger.replica.ids()
  const named = ids.slice(0, MAX_HELD)
  if (named.length < ids.length) session.listing = new Set(named)
  return heldDocuments(ledger, named)
}

function heldDocuments({ meta, replica }: Ledger, ids: readonly string[]): HeldDocument[] {
  let room = isMisfit(meta.value) ? 0 : MAX_SNAPSHOT_BYTES
  return ids.map((ticketId) => {
    const base = replica.findBase(ticketId)
    const snapshot = base === undefined || room <= 0 ? null : snapshotOf(base)
    room -= snapshot?.length ?? 0
    return snapshot === null ? { ticketId } : { ticketId, snapshot }
  })
}

/** A snapshot with the deletions, which a state vector leaves out. */
function snapshotOf(base: Uint8Array): Uint8Array {
  const { ds } = Y.decodeUpdate(base)
  const vector = Y.decodeStateVector(Y.encodeStateVectorFromUpdate(base))
  return Y.encodeSnapshot(Y.createSnapshot(ds, vector))
}
