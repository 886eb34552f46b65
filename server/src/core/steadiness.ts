/**
 * What the clock of the machine says, against a clock that nobody sets: for how long it has gone evenly, and the time.
 *
 * 1. Nothing is removed by its age before the clock has gone evenly for an hour. A machine that slept looks the same as
 *    one whose clock was set, so either has to prove itself.
 * 2. A clock that is set back is not followed within a minute: no machine sleeps backwards. One that comes back from ahead is.
 */
import type { Log } from './log.ts'

/** What NTP corrects by itself in steps, and what a busy machine misses, is less. */
export const JUMP_MS = 60_000
/** A clock that has gone evenly for so long is believed. */
const BELIEVED_AFTER_MS = 60_000
/** A server that was off for longer may as well have started with a wrong clock. */
const LONG_OFF_MS = 24 * 3_600_000

export interface Jump {
  /** It has gone ahead, and came back since. */
  readonly wasAhead: boolean
}

interface Ports {
  readonly log: Log
  /** The clock of the machine. */
  wall(): number
  mono(): number
  /** The clock went ahead by so much, or back; `from` is what it said. */
  jumped(jumpMs: number, from: number): void
}

export class Steadiness {
  readonly #ports: Ports
  /** The clock of the machine less the other one; a jump changes it. */
  #offset: number
  /** When it was believed last. */
  #believed: number
  #jumpedAt = Number.NEGATIVE_INFINITY
  /** As it was before the clock went ahead. */
  #beforeAhead: number | null = null
  /** Nothing is known of before the start. */
  #jump: Jump = { wasAhead: false }
  #hasJumped = true

  constructor(ports: Ports) {
    this.#ports = ports
    this.#offset = ports.wall() - ports.mono()
    this.#believed = this.#offset
  }

  /** Takes the start for a jump where it is long after `lastKnownAt`, the newest time of the data; null where there is none. */
  begin(lastKnownAt: number | null): void {
    const aheadMs = lastKnownAt === null ? 0 : this.now() - lastKnownAt
    if (aheadMs > LONG_OFF_MS) this.#jumpedAt = this.#ports.mono()
  }

  /** Epoch ms. */
  readonly now = (): number => {
    const mono = this.#ports.mono()
    const steadyForMs = this.#look(mono)
    const isBehind = this.#offset < this.#believed - JUMP_MS
    return Math.floor(mono + (isBehind && steadyForMs < BELIEVED_AFTER_MS ? this.#believed : this.#offset))
  }

  /** Since the last jump, ms; without end while there was none. */
  steadyForMs(): number {
    return this.#look(this.#ports.mono())
  }

  /** What is known of jumps since it was asked last; null where there was none. */
  takeJump(): Jump | null {
    const jump = this.#hasJumped ? this.#jump : null
    this.#hasJumped = false
    this.#jump = { wasAhead: false }
    return jump
  }

  #noteAhead(jumpMs: number, offset: number): void {
    if (jumpMs > 0) this.#beforeAhead ??= offset - jumpMs
    else if (this.#beforeAhead !== null && offset >= this.#beforeAhead - JUMP_MS) {
      this.#jump = { wasAhead: true }
      this.#believed = Math.min(this.#believed, offset)
      if (offset <= this.#beforeAhead + JUMP_MS) this.#beforeAhead = null
    }
  }

  #look(mono: number): number {
    const { wall, log, jumped } = this.#ports
    const offset = wall() - mono
    const jumpMs = Math.round(offset - this.#offset)
    this.#offset = offset
    if (Math.abs(jumpMs) > JUMP_MS) {
      this.#jumpedAt = mono
      this.#hasJumped = true
      this.#noteAhead(jumpMs, offset)
      jumped(jumpMs, wall() - jumpMs)
      log.warn({ jumpMs }, 'the clock jumped, or the machine slept: nothing is removed by its age for an hour')
    }
    const steadyForMs = mono - this.#jumpedAt
    if (steadyForMs >= BELIEVED_AFTER_MS) this.#believed = offset
    return steadyForMs
  }
}
