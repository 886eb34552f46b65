/**
 * What the clock of the machine says, against a clock that nobody sets: for how long it has gone evenly, and the time.
 *
 * 1. It is believed once it has stood for ten minutes where it is. Until then it is back when it returns to where it was.
 *    Where it returns to after longer is believed after a minute.
 * 2. One that goes ahead is followed at once: a machine that slept looks the same. One that is set back is not, until it is
 *    believed: no machine sleeps backwards.
 * 3. For how long it was ahead, and by how much, is known exactly when it comes back to where it was before.
 * 4. Small steps add up. What NTP corrects by slewing does not.
 */
import type { Log } from './log.ts'

/** What NTP corrects by itself in steps, and what a busy machine misses, is less. */
export const JUMP_MS = 60_000
/** A clock that has stood where it is for so long is believed. */
const BELIEVED_AFTER_MS = 10 * 60_000
/** Where it was before is believed sooner: it is hardly there by accident. */
const KNOWN_AFTER_MS = 60_000
/** The part of the time that passed by which the two clocks may drift apart: twice what NTP slews. */
const SLEW = 1e-3
/** Of one that does not stay where it is. */
const MOST_SPANS = 20

/** From the right time `from` on, the clock was ahead by so much. */
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
  /** It was the clock. */
  cameBack(lapse: Lapse): void
}

export class Steadiness {
  readonly #ports: Ports
  /** The clock of the machine less the other one, as it is believed. */
  #base: number
  /** The same since the last jump. */
  #offset: number
  #lookedAt: number
  #jumpedAt = Number.NEGATIVE_INFINITY
  /** When it left what is believed; null while it is there. */
  #leftAt: number | null = null
  /** While it is ahead. */
  #spans: readonly Span[] = []
  /** What was believed before it went ahead for longer. */
  #former: { readonly base: number; readonly spans: readonly Span[] } | null = null

  constructor(ports: Ports) {
    this.#ports = ports
    this.#lookedAt = ports.mono()
    this.#base = ports.wall() - this.#lookedAt
    this.#offset = this.#base
  }

  /** Takes up what the program before has noted of a clock that went ahead, and of which it did not see the end. */
  begin(spans: readonly Span[]): void {
    const last = spans.at(-1)
    if (last === undefined) return
    const now = this.now()
    const sinceMs = now - last.from - last.byMs
    const base = this.#base - last.byMs
    // Earlier than it said when it was ahead.
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

  /** Since the last jump, ms; without end while there was none. */
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

  /** It is no longer ahead. */
  #endSpans(until: number): void {
    const spans = this.#spans
    this.#spans = []
    if (spans.length > 0) this.#ports.cameBack({ spans, until })
  }

  /** It is where it was before it went ahead for longer. */
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
