/**
 * Puts commands on the wire: each at most once per connection, in order, and no more at a time than the server takes
 * in one exchange. What is not decided when a connection ends goes again on the next one; the server knows it by id.
 */
import { MAX_COMMANDS } from '@rejoin/shared/wire.ts'
import { readClock } from './clock.ts'
import type { Environment } from '../environment.ts'
import { exchangeOf, fitting } from './exchange.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Session } from './session.ts'

/** Says the first words of a session: where the device stands, and the head of its outbox. */
export function greet(ledger: Ledger, environment: Environment, session: Session): void {
  if (session.isOver) return
  session.hasGreeted = true
  offerSome(ledger, environment, session)
}

/** Sends what has not been sent in this session, as far as there is room. Answers whether anything was sent. */
export function offer(ledger: Ledger, environment: Environment, session: Session): boolean {
  let hasSent = false
  while (!session.isOver && session.hasGreeted && unsent(ledger, session).length > 0) {
    if (session.inFlight.size >= MAX_COMMANDS) break
    offerSome(ledger, environment, session)
    hasSent = true
  }
  return hasSent
}

function offerSome(ledger: Ledger, environment: Environment, session: Session): void {
  const entries = fitting(unsent(ledger, session), MAX_COMMANDS - session.inFlight.size)
  for (const entry of entries) {
    ledger.outbox.markOffered(entry)
    session.inFlight.add(entry.command.id)
  }
  session.send(exchangeOf(ledger.meta.value, readClock(environment), entries))
}

function unsent({ outbox }: Ledger, { inFlight }: Session) {
  return outbox.all().filter((entry) => !inFlight.has(entry.command.id))
}
