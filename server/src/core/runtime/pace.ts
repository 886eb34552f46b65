/** Gives other work a turn in the middle of long work, so that nothing occupies the event loop alone. */
import { setImmediate } from 'node:timers/promises'
import { monotonicMs } from './clock.ts'

/** Splits long work into turns of about `ms`. It measures the machine's time; only the order of turns depends on it. */
export class Pace {
  readonly #ms: number
  #began = monotonicMs()
  /** The next turn, shared by everything that waits for it. */
  #next: Promise<void> | null = null

  constructor(ms: number) {
    this.#ms = ms
  }

  /** Marks the beginning of the work, in a turn of its own. */
  begin(): void {
    this.#began = monotonicMs()
  }

  /**
   * Resolves at once, or in a later turn of the event loop if the present one has taken `ms`. Of the callers that wait
   * for the next turn, it lets as many continue as it has time for.
   */
  async turn(): Promise<void> {
    while (monotonicMs() - this.#began >= this.#ms) {
      this.#next ??= this.#nextTurn()
      await this.#next
    }
  }

  async #nextTurn(): Promise<void> {
    await setImmediate()
    this.#next = null
    this.begin()
  }
}
