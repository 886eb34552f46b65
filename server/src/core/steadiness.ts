/**
 * For how long the clock of the machine has gone evenly: its steps against a clock that nobody sets. A machine that slept
 * looks the same as one whose clock was set; either way the time is to prove itself before what is old is removed by it.
 */
import type { Log } from './log.ts'

/** What NTP corrects by itself in steps, and what a busy machine misses, is less. */
export const JUMP_MS = 60_000
/** A server that was off for longer may as well have started with a wrong clock. */
export const LONG_OFF_MS = 24 * 3_600_000

interface Ports {
  readonly log: Log
  now(): number
  mono(): number
  jumped(): void
}

export class Steadiness {
  readonly #ports: Ports
  /** The wall clock less the other one; a jump changes it. */
  #offset: number
  /** Null while the clock has not jumped. */
  #jumpedAt: number | null = null
  /** Nothing is known of before the start. */
  #hasGoneBack = true

  constructor(ports: Ports) {
    this.#ports = ports
    this.#offset = ports.now() - ports.mono()
  }

  /** Takes the start for a jump where it is long after `lastKnownAt`, the newest time of the data; null where there is none. */
  begin(lastKnownAt: number | null): void {
    const aheadMs = lastKnownAt === null ? 0 : this.#ports.now() - lastKnownAt
    if (aheadMs > LONG_OFF_MS) this.#jumpedAt = this.#ports.mono()
  }

  /** Whether the clock may have gone back since it was asked last. */
  wentBack(): boolean {
    const hasGoneBack = this.#hasGoneBack
    this.#hasGoneBack = false
    return hasGoneBack
  }

  /** Since the last jump, ms; without end while there was none. To be called every second or so. */
  steadyForMs(): number {
    const { now, mono, log, jumped } = this.#ports
    const offset = now() - mono()
    const jumpMs = Math.round(offset - this.#offset)
    this.#offset = offset
    if (Math.abs(jumpMs) > JUMP_MS) {
      this.#jumpedAt = mono()
      this.#hasGoneBack ||= jumpMs < 0
      jumped()
      log.warn({ jumpMs }, 'the clock jumped, or the machine slept: nothing is removed by its age for an hour')
    }
    return this.#jumpedAt === null ? Number.POSITIVE_INFINITY : mono() - this.#jumpedAt
  }
}
