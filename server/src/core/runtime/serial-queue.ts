/** Pieces of work that must not overlap: each begins when the one before has ended. The first that fails ends them all. */

export class SerialQueue {
  readonly #fail: (error: unknown) => void
  #last: Promise<void> = Promise.resolve()
  #waiting = 0
  #ended = false

  /** `fail` is told what a piece of work threw. */
  constructor(fail: (error: unknown) => void) {
    this.#fail = fail
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Whether nothing is being done and nothing waits. */
  get isIdle(): boolean {
    return this.#waiting === 0
  }

  /** Resolves when the work is done, has failed, or was skipped because the queue has ended. */
  next(work: () => Promise<void>): Promise<void> {
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
