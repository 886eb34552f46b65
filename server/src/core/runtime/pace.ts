/** Lets others have their turn in the middle of long work: the event loop is nobody's alone. */
import { setImmediate } from 'node:timers/promises'
import { monotonicMs } from './clock.ts'

/**
 * Work that goes on for as long as it takes, in turns of about `ms`. It is the machine's time that counts, and nothing but
 * when others have their turn follows from it.
 */
export class Pace {
  readonly #ms: number
  #began = monotonicMs()
  /** The next turn, for all who wait for it. */
  #next: Promise<void> | null = null

  constructor(ms: number) {
    this.#ms = ms
  }

  /** The work begins, in a turn of its own. */
  begin(): void {
    this.#began = monotonicMs()
  }

  /**
   * Resolves at once, or in a later turn of the event loop where the present one has taken long enough. Of those who wait
   * for the next turn, it is for as many as it has time for.
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
