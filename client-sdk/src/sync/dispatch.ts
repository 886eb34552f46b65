/**
 * Puts commands on the wire: each at most once per connection, in order, and no more at a time than the server takes
 * in one exchange. A command undecided when a connection ends goes again on the next; the server knows it by its id.
 */
import { MAX_COMMANDS } from '@rejoin/shared/sync/wire.ts'
import { readClock } from '../clock.ts'
import type { Environment } from '../environment.ts'
import { exchangeOf, fitting } from './exchange.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Entry } from '../ledger/outbox.ts'
import { isUnsure, sendPositions } from './reconcile.ts'
import type { Session } from './session.ts'

/**
 * Sends the first frame of a session, its hello: the device's position and the head of its outbox, or all positions it has been
 * at.
 */
export function sendHello(ledger: Ledger, environment: Environment, session: Session): void {
  if (session.isOver) return
  session.hasSentHello = true
  if (isUnsure(ledger)) sendPositions(ledger, environment, session)
  else offerSome(ledger, environment, session)
}

/** Sends the commands not yet sent in this session, as far as there is room. Returns whether it sent any. */
export function offer(ledger: Ledger, environment: Environment, session: Session): boolean {
  let hasSent = false
  while (!session.isOver && session.hasSentHello && unsent(ledger, session).length > 0) {
    const entries = next(ledger, session)
    if (entries.length === 0) break
    offerSome(ledger, environment, session, entries)
    hasSent = true
  }
  return hasSent
}

/** The unsent commands for which there is room now. */
function next(ledger: Ledger, session: Session): Entry[] {
  return fitting(unsent(ledger, session), MAX_COMMANDS - session.inFlight.size)
}

function offerSome(ledger: Ledger, environment: Environment, session: Session, entries = next(ledger, session)): void {
  for (const entry of entries) {
    ledger.outbox.markOffered(entry)
    session.inFlight.add(entry.command.id)
  }
  const sent = new Set(entries)
  const waiting = ledger.outbox.all().filter((entry) => !sent.has(entry))
  session.send(exchangeOf(ledger.meta.value, readClock(environment), entries, waiting))
}

function unsent({ outbox }: Ledger, { inFlight }: Session) {
  return outbox.all().filter((entry) => !inFlight.has(entry.command.id))
}
