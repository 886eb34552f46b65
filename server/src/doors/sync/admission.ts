/**
 * How much each session may send, and when a session that was turned away may come back. Per login session, which a
 * device has for itself; never per address: an office sits behind one.
 */
import { Busy, RetryLater } from '../../core/runtime/retry-later.ts'
import type { Metrics, Overload } from '../../core/runtime/metrics.ts'
import { lru } from '../../core/runtime/lru.ts'

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
  /** Sockets that may be open at once, of both doors. */
  readonly socketsPerSession: number
  readonly socketsPerPerson: number
  /** How often one session may open one ticket in an editor at once; after that, once in five seconds. */
  readonly openingsAtOnce: number
  /** Bytes that may wait in all sockets of one person, to be handled or to be read; and in those of everybody. */
  readonly heldBytesOfPerson: number
  readonly heldBytes: number
  /** Devices of one person that are not revoked; and how many new ones may come at once, and each hour after that. */
  readonly devicesPerPerson: number
  readonly newDevicesAtOnce: number
  readonly newDevicesPerHour: number
  /** Presence frames that a device may send at once, and how many more each second. */
  readonly presenceAtOnce: number
  readonly presencePerSecond: number
  /** Sessions that were turned away come back one after another, this far apart; at the latest after `lastReturnMs`. */
  readonly returnMs: number
  readonly lastReturnMs: number
  /** HTTP requests: of one session, and of all callers without a session in one network. */
  readonly requestsPerMinute: number
  readonly anonymousRequestsPerMinute: number
  /** How long the head of a request may take to arrive, and the whole of it. */
  readonly headMs: number
  readonly requestMs: number
  /** How long a request that is being answered may be silent in both directions: after that its reader is gone. */
  readonly silentMs: number
  /** Connections of all kinds at once; further ones are closed. */
  readonly connections: number
}

const MiB = 1024 * 1024

export const LIMITS: Limits = {
  // A month of offline work comes at once, in twenty full exchanges; a person makes a few commands a minute.
  unitsAtOnce: 10_000,
  unitsPerSecond: 200,
  // Such an outbox with long texts; after that more than a busy mobile line uploads.
  bytesAtOnce: 64 * MiB,
  bytesPerSecond: MiB,
  // The SDK has at most 500 commands under way, each of which may have come in a frame of its own.
  waitingFrames: 512,
  waitingBytes: 16 * MiB,
  // About five seconds of work: a device that comes behind that does better to wait and retry.
  waitingCommands: 5000,
  // Four parts of a catch-up. A device that misses more gets it faster from the log.
  unreadBytes: 4 * MiB,
  // A browser with thirty tickets open in tabs; a person with a few such machines.
  socketsPerSession: 32,
  socketsPerPerson: 96,
  // A handful of tabs on the same ticket, after a restart of the server and a few breaks of the line.
  openingsAtOnce: 10,
  // Several slow readers of one person; for everybody together, the memory that a small machine can spare.
  heldBytesOfPerson: 32 * MiB,
  heldBytes: 256 * MiB,
  // Each browser profile and each store counts as one. A person has a handful, a team that tests things has dozens.
  devicesPerPerson: 200,
  newDevicesAtOnce: 30,
  newDevicesPerHour: 10,
  // A person who leafs through tickets; each frame may go to everybody who has one of them open.
  presenceAtOnce: 60,
  presencePerSecond: 2,
  // Fifty devices a second, well below the rate at which one server admits them; a thousand are through in twenty
  // seconds.
  returnMs: 20,
  lastReturnMs: 60_000,
  // A page sends a few dozen requests at once, a script a hundred in a second; an office signs in through one address.
  requestsPerMinute: 6000,
  anonymousRequestsPerMinute: 600,
  // The largest frame over a slow mobile line takes half a minute; a device there sends smaller ones.
  headMs: 10_000,
  requestMs: 30_000,
  silentMs: 120_000,
  // Ten times the devices that one server was measured with; each costs some 50 KB.
  connections: 10_000,
}

interface Bucket {
  units: number
  bytes: number
  at: number
}

/** A burst of `atOnce`, and `perSecond` more each second. */
interface Rate {
  readonly atOnce: number
  readonly perSecond: number
}

interface AdmissionPorts {
  readonly metrics: Metrics
  /** Ms by a monotonic clock. */
  now(): number
  /** How many commands wait to be written, from all sessions together. */
  queuedCommands(): number
}

/** The least recently used buckets are forgotten and so count as full: they have refilled long ago. */
const MAX_BUCKETS = 20_000
/** The cost of a new socket, in frames: each arrival and departure is told to everybody on the ticket. */
const CONNECTION_UNITS = 20
/** A further device is refused until the person revokes one, so it need not retry sooner. */
const FULL_RETRY_MS = 5 * 60_000

export class Admission {
  readonly limits: Limits
  readonly #ports: AdmissionPorts
  readonly #buckets = lru<string, Bucket>(MAX_BUCKETS)
  readonly #newDevices = lru<string, true>(MAX_BUCKETS)
  readonly #rates = lru<string, { left: number; at: number }>(MAX_BUCKETS)
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
    // A single exchange always goes through, so that no limit can be too small for it.
    if (count > 0 && before > 0 && before + count > waitingCommands) throw this.busy('waiting-commands')
    this.#waitingCommands += count
    try {
      return await work()
    } finally {
      this.#waitingCommands -= count
    }
  }

  /** Says when to come back: each refused session gets the next place in a queue, so that a storm comes back evenly. */
  busy(reason: Overload, afterMs = 0): Busy {
    this.#ports.metrics.overloads.inc({ reason })
    const now = this.#ports.now()
    const { returnMs, lastReturnMs } = this.limits
    const returnAt = Math.max(this.#nextReturnAt, now) + returnMs
    // The queue is limited; a session beyond its end gets a random place in the second half.
    const isFull = returnAt - now > lastReturnMs
    if (!isFull) this.#nextReturnAt = returnAt
    const waitMs = isFull ? (lastReturnMs * (1 + Math.random())) / 2 : returnAt - now + Math.random() * returnMs
    return new Busy(Math.ceil(afterMs + waitMs))
  }

  /** Takes a new socket of the session. Throws `Busy`. */
  takeConnection(sessionId: string): void {
    this.#take(sessionId, CONNECTION_UNITS, 0)
  }

  /** Takes `bytes` of an answer that the session asked for and is about to get. Throws `Busy`. */
  takeAnswer(sessionId: string, bytes: number): void {
    this.#take(sessionId, 0, bytes)
  }

  /** Takes one presence frame of the session. Throws `Busy`. */
  takePresence(sessionId: string): void {
    const { presenceAtOnce: atOnce, presencePerSecond: perSecond } = this.limits
    const waitMs = this.#takeOne(`presence ${sessionId}`, { atOnce, perSecond })
    if (waitMs > 0) throw this.busy('presence', waitMs)
  }

  /**
   * Takes a new device of a person who has `count` unrevoked ones: once, however often the device returns. Throws
   * `RetryLater`.
   */
  takeDevice(personId: string, deviceId: string, count: number): void {
    const { devicesPerPerson, newDevicesAtOnce: atOnce, newDevicesPerHour } = this.limits
    if (count >= devicesPerPerson) {
      throw new RetryLater('too-many-requests', `You have ${count} devices; the limit is ${devicesPerPerson}.`, {
        hint: 'Revoke devices that you no longer use. This device keeps its work and tries again by itself.',
        retryAfterMs: this.busy('devices', FULL_RETRY_MS).retryAfterMs,
      })
    }
    if (this.#newDevices.has(deviceId)) return
    const waitMs = this.#takeOne(`devices ${personId}`, { atOnce, perSecond: newDevicesPerHour / 3600 })
    if (waitMs === 0) {
      this.#newDevices.set(deviceId, true)
      return
    }
    throw new RetryLater('too-many-requests', `You may add ${newDevicesPerHour} devices per hour.`, {
      hint: 'Use a device that you already have, or wait. This device keeps its work and tries again by itself.',
      retryAfterMs: this.busy('devices', waitMs).retryAfterMs,
    })
  }

  /** Takes one unit of `key`'s rate; returns how many ms to wait if none is left, else 0. */
  #takeOne(key: string, { atOnce, perSecond }: Rate): number {
    const now = this.#ports.now()
    const known = this.#rates.get(key)
    const refilled = known === undefined ? atOnce : known.left + (Math.max(0, now - known.at) / 1000) * perSecond
    const left = Math.min(atOnce, refilled)
    this.#rates.set(key, { left: left < 1 ? left : left - 1, at: now })
    return left < 1 ? ((1 - left) / perSecond) * 1000 : 0
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
    // A frame larger than the whole bucket passes when the bucket is full: it could never pass otherwise.
    const lackingUnits = Math.min(units, unitsAtOnce) - bucket.units
    const lackingBytes = Math.min(bytes, bytesAtOnce) - bucket.bytes
    if (lackingUnits > 0) throw this.busy('frames', (lackingUnits / unitsPerSecond) * 1000)
    if (lackingBytes > 0) throw this.busy('bytes', (lackingBytes / bytesPerSecond) * 1000)
    bucket.units -= units
    bucket.bytes -= bytes
  }
}
