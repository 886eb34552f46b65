/**
 * How often one session opens one ticket. Clients before y-websocket 3.1 come back at once after each close, regardless
 * of its code, and for ever: 150 times a second. Their handshake is answered in its turn, and they wait for it. It
 * knows no rights and no identities.
 *
 * 1. The first `atOnce` openings of a ticket go at once, and after that one at each `pass`.
 * 2. The number of waiting openings is limited; the next one is turned away before the handshake, after which every
 *    client waits by itself.
 * 3. It counts passes and reads no clock: a clock that jumps neither lets all of them in nor keeps them out for a day.
 */
import { lru } from '../../core/runtime/lru.ts'

/** The number that is let in within half a minute. */
const MAX_WAITING_EACH = 6
/** Each is a connection that nobody reads from. */
const MAX_WAITING = 1000
/** The least recently used keys are forgotten. */
const MAX_KNOWN = 20_000

export class Reopening {
  readonly #atOnce: number
  /** How many immediate openings each key has used. */
  readonly #gone = lru<string, number>(MAX_KNOWN)
  readonly #lines = new Map<string, (() => void)[]>()
  #waiting = 0

  constructor(atOnce: number) {
    this.#atOnce = atOnce
  }

  /** Calls `go` at once or in its turn. Returns false if too many wait. */
  take(key: string, go: () => void): boolean {
    const gone = this.#gone.get(key) ?? 0
    if (gone < this.#atOnce) {
      this.#gone.set(key, gone + 1)
      go()
      return true
    }
    const line = this.#lines.get(key) ?? []
    if (line.length >= MAX_WAITING_EACH || this.#waiting >= MAX_WAITING) return false
    this.#lines.set(key, line)
    line.push(go)
    this.#waiting += 1
    return true
  }

  /**
   * To be called every five seconds: lets one opening of each queue go, and gives one back to every key without a
   * queue.
   */
  pass(): void {
    const lines = [...this.#lines]
    const known = [...this.#gone.entries()]
    for (const [key, gone] of known) {
      if (this.#lines.has(key)) continue
      if (gone > 1) this.#gone.set(key, gone - 1)
      else this.#gone.delete(key)
    }
    for (const [key, line] of lines) {
      const go = line.shift()
      if (line.length === 0) this.#lines.delete(key)
      this.#waiting -= 1
      go?.()
    }
  }
}
