/**
 * The open sockets, by login session and by person, and the bytes that each keeps in memory: frames that wait to be
 * handled, and frames that its reader has not taken. It reads no frame and knows no rights.
 *
 * 1. A device gets in although its earlier connections hang: the one that was silent for longest makes room.
 * 2. Bytes beyond a limit end the connection that keeps most of them: of its person, or of everybody.
 * 3. A connection whose reader takes nothing for two minutes ends, and one whose message takes longer than a minute to
 *    arrive.
 * 4. A silent connection is pinged, and ends if it does not answer within the same time again: a network that dies does
 *    not say so. Rounds are counted, and no clock is used.
 */
import { PING_MS } from '@rejoin/shared/sync/wire.ts'
import type { Limits } from '../doors/sync/admission.ts'
import type { Overload } from '../core/runtime/metrics.ts'
import { RetryLater } from '../core/runtime/retry-later.ts'

/** A connection of a person. */
export interface Line {
  readonly sessionId: string
  readonly personId: string
  readonly heldBytes: number
  readonly lastHeardAt: number
  /** Since when its reader has taken none of the waiting bytes; null when nothing waits. */
  readonly stalledSince: number | null
  /** Since when one of its messages has been under way; null when none is. */
  readonly unfinishedSince: number | null
  /** Whether any byte has arrived since the last call, even part of a message. */
  hasMoved(): boolean
  /** Bytes sent to it since it was last heard from. */
  readonly unansweredBytes: number
  /** How many rounds ago it was last heard from, pongs included. */
  quietRounds: number
  /** Sends a ping, which the library of the other side answers. */
  ping(): void
  /** Ends the connection at once, with everything that waits in it. */
  cut(reason: Overload): void
}

interface Person {
  readonly lines: Set<Line>
  heldBytes: number
}

interface Ports {
  readonly limits: Limits
  now(): number
  /** Says when to come back. */
  busy(reason: Overload): RetryLater
}

/** A connection that was silent for this long may hang. */
const SILENT_MS = 60_000
/** Twice as long as a device waits for an answer. */
const STALLED_MS = 120_000
/** The largest frame arrives in this time over a line of one megabit a second. */
const UNFINISHED_MS = 60_000
const ROUND_MS = 5000
const PING_ROUNDS = PING_MS / ROUND_MS
/** The pong comes after the bytes sent before the ping, for which a slow line takes longer. */
const BYTES_A_ROUND = 64 * 1024
const MAX_ROUNDS = STALLED_MS / ROUND_MS

export class OpenSockets {
  readonly #ports: Ports
  readonly #bySession = new Map<string, Set<Line>>()
  readonly #people = new Map<string, Person>()
  #heldBytes = 0
  #isCheckDue = false

  constructor(ports: Ports) {
    this.#ports = ports
  }

  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Adds the line, until the returned function is called. Throws `RetryLater` if there is no room. */
  admit(line: Line): () => void {
    const { socketsPerSession, socketsPerPerson } = this.#ports.limits
    const { sessionId, personId } = line
    this.#makeRoom(this.#bySession.get(sessionId), socketsPerSession, 'This session')
    this.#makeRoom(this.#people.get(personId)?.lines, socketsPerPerson, 'This person')
    const ofSession = this.#bySession.get(sessionId) ?? new Set()
    this.#bySession.set(sessionId, ofSession.add(line))
    const person = this.#people.get(personId) ?? { lines: new Set(), heldBytes: 0 }
    this.#people.set(personId, person)
    person.lines.add(line)
    this.hold(line, line.heldBytes)
    return () => {
      if (!person.lines.has(line)) return
      this.hold(line, -line.heldBytes)
      person.lines.delete(line)
      if (person.lines.size === 0) this.#people.delete(personId)
      ofSession.delete(line)
      if (ofSession.size === 0) this.#bySession.delete(sessionId)
    }
  }

  /** To be called for all bytes that begin to wait in a line (positive), and for all that leave it (negative). */
  hold(line: Line, bytes: number): void {
    const person = this.#people.get(line.personId)
    if (person === undefined || !person.lines.has(line)) return
    person.heldBytes += bytes
    this.#heldBytes += bytes
    const { heldBytesOfPerson, heldBytes } = this.#ports.limits
    if (this.#isCheckDue || (person.heldBytes <= heldBytesOfPerson && this.#heldBytes <= heldBytes)) return
    this.#isCheckDue = true
    // The network may already have taken the bytes, and reports that before the next turn.
    setImmediate(() => this.#endFullest())
  }

  /** Ends the connections whose readers take nothing, and those whose messages do not complete. */
  endStalled(): void {
    const now = this.#ports.now()
    for (const line of Array.from(this.#all())) {
      const stalledMs = now - (line.stalledSince ?? now)
      const unfinishedMs = now - (line.unfinishedSince ?? now)
      if (stalledMs > STALLED_MS || unfinishedMs >= UNFINISHED_MS) line.cut('stalled')
    }
  }

  /** To be called every five seconds. */
  endSilent(): void {
    for (const line of Array.from(this.#all())) {
      // A stalled connection is watched separately.
      if (line.stalledSince !== null) continue
      line.quietRounds = line.hasMoved() ? 0 : line.quietRounds + 1
      const extra = Math.min(MAX_ROUNDS, Math.floor(line.unansweredBytes / BYTES_A_ROUND))
      if (line.quietRounds === PING_ROUNDS) line.ping()
      else if (line.quietRounds >= 2 * PING_ROUNDS + extra) line.cut('silent')
    }
  }

  #endFullest(): void {
    this.#isCheckDue = false
    const { heldBytesOfPerson, heldBytes } = this.#ports.limits
    for (const person of this.#people.values()) {
      while (person.heldBytes > heldBytesOfPerson) fullest(person.lines)?.cut('held-bytes')
    }
    while (this.#heldBytes > heldBytes) fullest(this.#all())?.cut('held-bytes')
  }

  #makeRoom(lines: ReadonlySet<Line> | undefined, limit: number, whose: string): void {
    if (lines === undefined || lines.size < limit) return
    const quietest = [...lines].reduce((one, other) => (other.lastHeardAt < one.lastHeardAt ? other : one))
    if (this.#ports.now() - quietest.lastHeardAt >= SILENT_MS) {
      quietest.cut('sockets')
      return
    }
    const { retryAfterMs } = this.#ports.busy('sockets')
    throw new RetryLater('too-many-requests', `${whose} already has ${limit} open connections, the limit.`, {
      hint: 'Close some of them. A connection that is silent for a minute is closed to make room for a new one.',
      retryAfterMs,
    })
  }

  *#all(): Generator<Line> {
    for (const { lines } of this.#people.values()) yield* lines
  }
}

function fullest(lines: Iterable<Line>): Line | null {
  let most: Line | null = null
  for (const line of lines) if (most === null || line.heldBytes > most.heldBytes) most = line
  return most
}
