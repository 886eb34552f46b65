/**
 * When offline work happened. A device's clock is evidence, never an order: effective time is derived from the
 * server's own clock and the device's monotonic one where that is possible, and clamped to what is causally possible.
 */
import { z } from 'zod'
import { Instant } from './tickets.ts'

/** A device's reading of its clocks. `mono` counts ms since some start and never jumps; `boot` names that start. */
export const DeviceTime = z.object({ wall: Instant, mono: z.number().min(0), boot: z.string().min(1).max(40) })
export type DeviceTime = z.infer<typeof DeviceTime>

/** What a device remembers of a contact: the server's time, against its own monotonic clock. */
export const Contact = z.object({ serverTime: Instant, mono: z.number().min(0), boot: z.string().min(1).max(40) })
export type Contact = z.infer<typeof Contact>

/** Disagreement between a device's wall clock and the derived time beyond which the command is marked. */
export const CLOCK_SUSPECT_MS = 2 * 60_000
/** Work older than this counts from its receipt until a supervisor approves the earlier time. */
export const MAX_BACKDATE_MS = 72 * 3_600_000

export interface EffectiveTime {
  readonly effectiveAt: number
  readonly clockSuspect: boolean
  /** When it happened by the clocks, where that is too long ago to count by itself; else null. */
  readonly claimedAt: number | null
}

/**
 * The effective time of a command made `at`, received at `receivedAt` (server time) in a frame whose clocks read
 * `sent`. `contacts` are earlier meetings, for a boot that has ended since; `notBefore` is the last server event the
 * author had seen of the ticket.
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
  const { at, sent, receivedAt, maxBackdateMs = MAX_BACKDATE_MS } = command
  const skew = receivedAt - sent.wall
  const contact = command.contacts.find((candidate) => candidate.boot === at.boot)
  let derived = at.wall + skew
  if (at.boot === sent.boot) derived = receivedAt - (sent.mono - at.mono)
  else if (contact !== undefined) derived = contact.serverTime + (at.mono - contact.mono)

  const clamped = Math.round(Math.min(Math.max(derived, command.notBefore), receivedAt))
  const backdatedTooFar = receivedAt - clamped > maxBackdateMs
  return {
    effectiveAt: backdatedTooFar ? receivedAt : clamped,
    clockSuspect: Math.abs(at.wall - clamped) > CLOCK_SUSPECT_MS,
    claimedAt: backdatedTooFar ? clamped : null,
  }
}
