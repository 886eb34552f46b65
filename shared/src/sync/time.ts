/**
 * When offline work happened. A device's clocks are evidence, never an order: the monotonic one stands still while the
 * device sleeps, the wall clock may be set, and each is believed as far as the server's own clock at the contacts before
 * and after bears it out.
 */
import { z } from 'zod'
import { Instant } from '../values.ts'

/** A device's reading of its clocks. `mono` counts ms since some start and never jumps; `boot` names that start. */
export const DeviceTime = z.object({ wall: Instant, mono: z.number().min(0), boot: z.string().min(1).max(40) })
export type DeviceTime = z.infer<typeof DeviceTime>

/** What a device remembers of a contact: the server's time, against its own clocks. */
export const Contact = z.object({
  serverTime: Instant,
  mono: z.number().min(0),
  boot: z.string().min(1).max(40),
  /** Absent from an app that kept none: it cannot tell a sleep from work. */
  wall: Instant.optional(),
})
export type Contact = z.infer<typeof Contact>

/** Disagreement between a device's wall clock and the derived time beyond which the command is marked. */
export const CLOCK_SUSPECT_MS = 2 * 60_000
/** Work older than this counts from its receipt until a supervisor approves the earlier time. */
export const MAX_BACKDATE_MS = 72 * 3_600_000

/** Two readings are the same time when they differ by no more, or by what clocks drift between two contacts. */
const SAME_MS = 2000
const DRIFT = 1e-4

export interface EffectiveTime {
  readonly effectiveAt: number
  readonly clockSuspect: boolean
  /** When it happened by the clocks, where that is too long ago to count by itself; else null. */
  readonly claimedAt: number | null
}

/**
 * The effective time of a command made `at`, received at `receivedAt` (server time) in a frame whose clocks read
 * `sent`. `contacts` are earlier meetings, oldest first; `notBefore` is what cannot have come later: the ticket's
 * creation, and the last server event that the author had seen of it.
 */
export function effectiveTime(command: {
  at: DeviceTime
  sent: DeviceTime
  contacts: readonly Contact[]
  receivedAt: number
  notBefore: number
  /** By policy; `MAX_BACKDATE_MS` where there is none. */
  maxBackdateMs?: number
}): EffectiveTime {
  const { at, sent, contacts, receivedAt, notBefore, maxBackdateMs = MAX_BACKDATE_MS } = command
  // A contact in the future was with a server whose clock was ahead.
  const known = contacts.filter(({ serverTime }) => serverTime <= receivedAt)
  const { time, isExact } = placed(at, [...known, { ...sent, serverTime: receivedAt }])
  const clamped = Math.round(Math.min(Math.max(time, notBefore), receivedAt))
  const backdatedTooFar = receivedAt - clamped > maxBackdateMs
  return {
    effectiveAt: backdatedTooFar ? receivedAt : clamped,
    clockSuspect: !isExact || Math.abs(at.wall - clamped) > CLOCK_SUSPECT_MS,
    claimedAt: backdatedTooFar ? clamped : null,
  }
}

/** The contacts before and after `at`, of some that are oldest first; null where there is none, or nobody can tell. */
export function around<Each extends Contact>(
  at: DeviceTime,
  contacts: readonly Each[],
): { before: Each | null; after: Each | null } {
  const isOfBoot = ({ boot }: Each) => boot === at.boot
  if (!contacts.some(isOfBoot)) {
    return { before: contacts.findLast(({ wall = Infinity }) => wall <= at.wall) ?? null, after: null }
  }
  const next = contacts.findIndex((each) => isOfBoot(each) && each.mono >= at.mono)
  const behind = next === -1 ? contacts.findLastIndex(isOfBoot) + 1 : next
  return { before: contacts[behind - 1] ?? null, after: contacts[behind] ?? null }
}

/**
 * Where a reading lies, by the contacts around it. The monotonic clock says between which times: after the one before by
 * what it counted since, and before the one after by what it counted until then. Where the device slept in between, or its
 * boot knows but one of them, the wall clock says when, exactly if it was as far off before as after.
 */
export function placed(at: DeviceTime, contacts: readonly Contact[]): { time: number; isExact: boolean } {
  const { before, after } = around(at, contacts)
  // At the contact itself there is nothing to tell.
  if (after !== null && isSameReading(at, after)) return { time: after.serverTime, isExact: true }
  const last = contacts.at(-1)
  const awakeSince = before?.boot === at.boot ? at.mono - before.mono : 0
  const awakeUntil = after?.boot === at.boot ? after.mono - at.mono : 0
  const earliest = (before?.serverTime ?? 0) + awakeSince
  const latest = ((after ?? last)?.serverTime ?? 0) - awakeUntil
  const apartMs = before === null ? 0 : Math.min(latest - before.serverTime, MAX_BACKDATE_MS)
  const tolerance = SAME_MS + Math.max(0, apartMs) * DRIFT
  const freeMs = latest - earliest
  if (freeMs <= tolerance) return { time: latest, isExact: freeMs >= -tolerance }
  const skew = skewOf(after) ?? skewOf(last) ?? 0
  const wall = at.wall + skew
  const time = Math.min(Math.max(wall, earliest), latest)
  const isSteady = Math.abs((skewOf(before) ?? Infinity) - skew) <= tolerance
  // Nothing is known from before, but the two clocks have counted the same since.
  const isAwake = before === null && Math.abs(latest - wall) <= tolerance
  // Before a device's first contact, in a boot that has ended, nothing speaks for its wall clock, and nothing against it.
  const isAlone = contacts.length === 1 && before === null && after === null
  return { time, isExact: Math.abs(wall - time) <= tolerance && (isSteady || isAwake || isAlone) }
}

function isSameReading(at: DeviceTime, { boot, mono, wall = Infinity }: Contact): boolean {
  return at.boot === boot && at.mono === mono && Math.abs(at.wall - wall) <= SAME_MS
}

/** How far the server's clock was ahead of the device's wall clock. */
function skewOf(contact: Contact | null | undefined): number | undefined {
  return contact?.wall === undefined ? undefined : contact.serverTime - contact.wall
}
