/**
 * Who may send how much, and when those who may not for now come back. Per login session, which a device has for
 * itself; never per address: an office sits behind one.
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
  // A browser with thirty tickets open in tabs; a person with a few such machines.
  socketsPerSession: 32,
  socketsPerPerson: 96,
  // A handful of tabs on the same ticket, after a restart of the server, and a line that breaks now and then.
  openingsAtOnce: 10,
  // Several slow readers of one person; of everybody, what a small machine can spare.
  heldBytesOfPerson: 32 * MiB,
  heldBytes: 256 * MiB,
  // Each browser profile and each store is one. A person has a handful, a team that tries things out some dozens.
  devicesPerPerson: 200,
  newDevicesAtOnce: 30,
  newDevicesPerHour: 10,
  // Somebody who leafs through tickets; each frame may be told to everybody who has one of them open.
  presenceAtOnce: 60,
  presencePerSecond: 2,
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

/** So much at once, and so much more each second. */
interface Rate {
  readonly atOnce: number
  readonly perSecond: number
}

interface AdmissionPorts {
  readonly metrics: Metrics
  /** Ms since some moment: of a clock that nobody sets. */
  now(): number
  /** How many commands wait to be written, whoever they are from. */
  queuedCommands(): number
}

/** Buckets that nobody touched for longest are forgotten, which makes them full: they have refilled long ago. */
const MAX_BUCKETS = 20_000
/** What opening a socket counts for, in frames: who comes and goes tells everybody on the ticket. */
const CONNECTION_UNITS = 20
/** Until a person has revoked a device, another one need not ask again. */
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

  /** Takes a new socket of the session. Throws `Busy`. */
  takeConnection(sessionId: string): void {
    this.#take(sessionId, CONNECTION_UNITS, 0)
  }

  /** Takes `bytes` of what the session asked for and is about to be told. Throws `Busy`. */
  takeAnswer(sessionId: string, bytes: number): void {
    this.#take(sessionId, 0, bytes)
  }

  /** Takes one presence frame of the session. Throws `Busy`. */
  takePresence(sessionId: string): void {
    const { presenceAtOnce: atOnce, presencePerSecond: perSecond } = this.limits
    const waitMs = this.#takeOne(`presence ${sessionId}`, { atOnce, perSecond })
    if (waitMs > 0) throw this.busy('presence', waitMs)
  }

  /** Takes a new device of a person who has `count` that are not revoked: once, however often it comes. Throws `RetryLater`. */
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

  /** Takes one of what `key` may have; or tells for how many ms there is none. */
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
    // What is larger than all that fits is let through when there is all: it would otherwise never be.
    const lackingUnits = Math.min(units, unitsAtOnce) - bucket.units
    const lackingBytes = Math.min(bytes, bytesAtOnce) - bucket.bytes
    if (lackingUnits > 0) throw this.busy('frames', (lackingUnits / unitsPerSecond) * 1000)
    if (lackingBytes > 0) throw this.busy('bytes', (lackingBytes / bytesPerSecond) * 1000)
    bucket.units -= units
    bucket.bytes -= bytes
  }
}
