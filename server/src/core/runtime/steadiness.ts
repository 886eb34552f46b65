/**
 * The clock of the machine, checked against a monotonic clock: how long it has run evenly, and the time.
 *
 * 1. An offset is believed once the clock has kept it for ten minutes. Until then the clock counts as back when it
 *    returns to the offset before. The offset from before a longer lapse is believed again after a minute.
 * 2. A clock that jumps ahead is followed at once: a machine that slept looks the same. One that is set back is not,
 *    until it is believed: no machine sleeps backwards.
 * 3. How long it was ahead, and by how much, is known exactly when it returns to the offset before.
 * 4. Small steps add up. Slewing by NTP does not.
 */
import type { Log } from './log.ts'

/** More than NTP corrects by itself in steps, and more than a busy machine misses. */
export const JUMP_MS = 60_000
/** A clock that has kept its offset for this long is believed. */
const BELIEVED_AFTER_MS = 10 * 60_000
/** The offset from before is believed sooner: the clock hardly has it by accident. */
const KNOWN_AFTER_MS = 60_000
/** How far the two clocks may drift apart, as a part of the time passed: twice the rate at which NTP slews. */
const SLEW = 1e-3
/** The limit for a clock that jumps again and again. */
const MOST_SPANS = 20

/** From the right time `from` on, the clock was ahead by `byMs`. */
export interface Span {
  readonly from: number
  readonly byMs: number
}

/** The clock was ahead until the right time `until`; each of the spans ends where the next one begins. */
export interface Lapse {
  readonly spans: readonly Span[]
  readonly until: number
}

interface Ports {
  readonly log: Log
  /** The clock of the machine. */
  wall(): number
  mono(): number
  jumped(): void
  /** The clock is ahead, or the machine slept. */
  wentAhead(spans: readonly Span[]): void
  /** The clock was wrong, and is back. */
  cameBack(lapse: Lapse): void
}

export class Steadiness {
  readonly #ports: Ports
  /** The believed offset: the clock of the machine less the monotonic one. */
  #base: number
  /** The same offset since the last jump. */
  #offset: number
  #lookedAt: number
  #jumpedAt = Number.NEGATIVE_INFINITY
  /** When the clock left the believed offset; null while it has it. */
  #leftAt: number | null = null
  /** The spans of the present lapse; empty while the clock is not ahead. */
  #spans: readonly Span[] = []
  /** The belief from before a longer lapse. */
  #former: { readonly base: number; readonly spans: readonly Span[] } | null = null

  constructor(ports: Ports) {
    this.#ports = ports
    this.#lookedAt = ports.mono()
    this.#base = ports.wall() - this.#lookedAt
    this.#offset = this.#base
  }

  /** Continues from the notes of the previous run of the program about a lapse whose end it did not see. */
  begin(spans: readonly Span[]): void {
    const last = spans.at(-1)
    if (last === undefined) return
    const now = this.now()
    const sinceMs = now - last.from - last.byMs
    const base = this.#base - last.byMs
    // The clock now says an earlier time than while it was ahead.
    if (sinceMs < -JUMP_MS) {
      if (now >= last.from - JUMP_MS) this.#ports.cameBack({ spans, until: now })
    } else if (sinceMs >= BELIEVED_AFTER_MS) this.#former = { base, spans }
    else {
      this.#base = base
      this.#spans = spans
      this.#leftAt = this.#lookedAt - Math.max(0, sinceMs)
    }
  }

  /** Epoch ms. */
  readonly now = (): number => {
    const mono = this.#ports.mono()
    const offset = this.#look(mono)
    return Math.floor(mono + (offset < this.#base - JUMP_MS ? this.#base : offset))
  }

  /** Ms since the last jump; `Infinity` if there was none. */
  steadyForMs(): number {
    const mono = this.#ports.mono()
    this.#look(mono)
    return mono - this.#jumpedAt
  }

  #look(mono: number): number {
    const offset = this.#ports.wall() - mono
    const step = offset - this.#offset
    if (Math.abs(step) > JUMP_MS) this.#jump(mono, offset)
    else this.#drift(step, (mono - this.#lookedAt) * SLEW)
    this.#lookedAt = mono
    if (this.#leftAt !== null && mono - this.#leftAt >= BELIEVED_AFTER_MS) this.#believe(mono)
    else if (this.#isAsFormerly() && mono - this.#jumpedAt >= KNOWN_AFTER_MS) this.#believe(mono)
    return offset
  }

  #drift(step: number, most: number): void {
    this.#offset += Math.min(Math.max(step, -most), most)
    if (this.#leftAt === null) this.#base = this.#offset
  }

  #jump(mono: number, offset: number): void {
    const { log, jumped, wentAhead } = this.#ports
    const jumpMs = Math.round(offset - this.#offset)
    const from = Math.floor(mono + this.#base)
    const byMs = Math.round(offset - this.#base)
    this.#offset = offset
    this.#jumpedAt = mono
    if (byMs > JUMP_MS) {
      this.#leftAt ??= mono
      this.#spans = [...this.#spans, { from, byMs }].slice(-MOST_SPANS)
      wentAhead(this.#spans)
    } else {
      this.#endSpans(from)
      if (byMs < -JUMP_MS) this.#leftAt ??= mono
      else {
        this.#leftAt = null
        this.#base = offset
      }
    }
    jumped()
    log.warn({ jumpMs }, 'the clock jumped, or the machine slept: for an hour nothing is removed because of its age')
  }

  /** The clock is no longer ahead. */
  #endSpans(until: number): void {
    const spans = this.#spans
    this.#spans = []
    if (spans.length > 0) this.#ports.cameBack({ spans, until })
  }

  /** The clock has the offset from before it went ahead for longer. */
  #isAsFormerly(): boolean {
    return this.#leftAt !== null && Math.abs(this.#offset - (this.#former?.base ?? Infinity)) <= JUMP_MS
  }

  #believe(mono: number): void {
    const former = this.#former
    if (this.#spans.length > 0) this.#former = { base: this.#base, spans: this.#spans }
    else if (former !== null && this.#isAsFormerly()) {
      this.#former = null
      this.#ports.cameBack({ spans: former.spans, until: Math.floor(mono + this.#offset) })
    }
    this.#spans = []
    this.#leftAt = null
    this.#base = this.#offset
  }
}
