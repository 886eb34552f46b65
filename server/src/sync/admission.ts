/**
 * Who may send how much, and when those who may not for now come back. Per login session, which a device has for
 * itself; never per address: an office sits behind one.
 */
import { Busy } from '../core/busy.ts'
import type { Metrics, Overload } from '../core/metrics.ts'
import { recent } from '../core/recent.ts'

export interface Limits {
  /** Frames and commands that a device may send at once, and how many more each second. */
  readonly unitsAtOnce: number
  readonly unitsPerSecond: number
  readonly bytesAtOnce: number
  readonly bytesPerSecond: number
  /** Frames, and their bytes, that one socket may have waiting to be handled. */
  readonly waitingFrames: number
  readonly waitingBytes: number
  /** Commands that may wait for their verdict when a device brings more. */
  readonly waitingCommands: number
  /** Bytes that may wait in one socket because its reader is slow. */
  readonly unreadBytes: number
  /** Those who are turned away come back one after the other, this far apart; and at the latest after the last wait. */
  readonly returnMs: number
  readonly lastReturnMs: number
  /** Requests by HTTP: of one session, and of all in one network who have none. */
  readonly requestsPerMinute: number
  readonly anonymousRequestsPerMinute: number
  /** How long the head of a request may take to arrive, and the whole of it. */
  readonly headMs: number
  readonly requestMs: number
  /** How long nothing may go either way while a request is answered: its reader is gone. */
  readonly silentMs: number
  /** Connections of all kinds at once; further ones are closed. */
  readonly connections: number
}

const MiB = 1024 * 1024

export const LIMITS: Limits = {
  // A month of offline work comes at once, in twenty full exchanges; a person makes a few commands a minute.
  unitsAtOnce: 10_000,
  unitsPerSecond: 200,
  // Such an outbox with long texts; afterwards more than a busy mobile line brings up.
  bytesAtOnce: 64 * MiB,
  bytesPerSecond: MiB,
  // The SDK has at most 500 commands under way, each of which may have come in a frame of its own.
  waitingFrames: 512,
  waitingBytes: 16 * MiB,
  // About five seconds of work: whoever comes behind that does better to wait at home.
  waitingCommands: 5000,
  // Four of the parts that a catch-up is sent in. What it has missed by then, a device gets faster from the log.
  unreadBytes: 4 * MiB,
  // Fifty devices a second, well below what one server greets; a thousand are through in twenty seconds.
  returnMs: 20,
  lastReturnMs: 60_000,
  // A page asks for a few dozen things at once, a script for a hundred in a second; an office signs in through one address.
  requestsPerMinute: 6000,
  anonymousRequestsPerMinute: 600,
  // The largest frame over a slow mobile line takes half a minute; a device there sends smaller ones.
  headMs: 10_000,
  requestMs: 30_000,
  silentMs: 120_000,
  // Ten times the devices that one server is measured with; each costs some 50 KB.
  connections: 10_000,
}

interface Bucket {
  units: number
  bytes: number
  at: number
}

interface AdmissionPorts {
  readonly metrics: Metrics
  now(): number
  /** How many commands wait to be written, whoever they are from. */
  queuedCommands(): number
}

/** Buckets that nobody touched for longest are forgotten, which makes them full: they have refilled long ago. */
const MAX_BUCKETS = 20_000

export class Admission {
  readonly limits: Limits
  readonly #ports: AdmissionPorts
  readonly #buckets = recent<string, Bucket>(MAX_BUCKETS)
  #waitingCommands = 0
  #nextReturnAt = 0

  constructor(ports: AdmissionPorts, limits: Partial<Limits> = {}) {
    this.#ports = ports
    this.limits = { ...LIMITS, ...limits }
  }

  /** Takes a frame of `bytes` from the session's budget. Throws `Busy`. */
  takeFrame(sessionId: string, bytes: number): void {
    this.#take(sessionId, 1, bytes)
  }

  /** Runs `work`, which decides `count` commands, if there is room for them. Throws `Busy`. */
  async withCommands<Result>(sessionId: string, count: number, work: () => Promise<Result>): Promise<Result> {
    this.#take(sessionId, count, 0)
    const { waitingCommands } = this.limits
    const before = Math.max(this.#waitingCommands, this.#ports.queuedCommands())
    // One exchange always goes through, so that no limit can be too small for it.
    if (count > 0 && before > 0 && before + count > waitingCommands) throw this.busy('waiting-commands')
    this.#waitingCommands += count
    try {
      return await work()
    } finally {
      this.#waitingCommands -= count
    }
  }

  /** Says when to come back: each who asks gets the next place in a row, so that a storm comes back evenly. */
  busy(reason: Overload, afterMs = 0): Busy {
    this.#ports.metrics.overloads.inc({ reason })
    const now = this.#ports.now()
    const { returnMs, lastReturnMs } = this.limits
    const place = Math.max(this.#nextReturnAt, now) + returnMs
    // There is a last place; whoever comes when it is taken gets any in the second half of the row.
    const isFull = place - now > lastReturnMs
    if (!isFull) this.#nextReturnAt = place
    const waitMs = isFull ? (lastReturnMs * (1 + Math.random())) / 2 : place - now + Math.random() * returnMs
    return new Busy(Math.ceil(afterMs + waitMs))
  }

  #take(sessionId: string, units: number, bytes: number): void {
    const { unitsAtOnce, unitsPerSecond, bytesAtOnce, bytesPerSecond } = this.limits
    const now = this.#ports.now()
    const bucket = this.#buckets.get(sessionId) ?? { units: unitsAtOnce, bytes: bytesAtOnce, at: now }
    const seconds = Math.max(0, now - bucket.at) / 1000
    bucket.units = Math.min(unitsAtOnce, bucket.units + seconds * unitsPerSecond)
    bucket.bytes = Math.min(bytesAtOnce, bucket.bytes + seconds * bytesPerSecond)
    bucket.at = now
    this.#buckets.set(sessionId, bucket)
    // What is larger than all that fits is let through when there is all: it would otherwise never be.
    const lackingUnits = Math.min(units, unitsAtOnce) - bucket.units
    const lackingBytes = Math.min(bytes, bytesAtOnce) - bucket.bytes
    if (lackingUnits > 0) throw this.busy('frames', (lackingUnits / unitsPerSecond) * 1000)
    if (lackingBytes > 0) throw this.busy('bytes', (lackingBytes / bytesPerSecond) * 1000)
    bucket.units -= units
    bucket.bytes -= bytes
  }
}
