/**
 * Pieces of work that must not overlap: each begins when the one before has ended. The first failure ends the queue.
 */

export class SerialQueue {
  readonly #fail: (error: unknown) => void
  #last: Promise<void> = Promise.resolve()
  #waiting = 0
  #ended = false

  /** `fail` gets the error of a piece of work. */
  constructor(fail: (error: unknown) => void) {
    this.#fail = fail
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Whether no work runs and none waits. */
  get isIdle(): boolean {
    return this.#waiting === 0
  }

  /** Resolves when the work is done, has failed, or was skipped because the queue has ended. */
  next(work: () => void | Promise<void>): Promise<void> {
    this.#waiting += 1
    this.#last = this.#last.then(async () => {
      try {
        if (!this.#ended) await work()
      } catch (error) {
        this.#fail(error)
      } finally {
        this.#waiting -= 1
      }
    })
    return this.#last
  }

  end(): void {
    this.#ended = true
  }
}
