/** Pieces of work that must not overlap: each begins when the one before has ended. The first that fails ends them all. */

export class Turns {
  readonly #fail: (error: unknown) => void
  #last: Promise<void> = Promise.resolve()
  #ended = false

  /** `fail` is told what a piece of work threw. */
  constructor(fail: (error: unknown) => void) {
    this.#fail = fail
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Resolves when the work is done, has failed, or was skipped because the turns have ended. */
  next(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(async () => {
      if (this.#ended) return
      try {
        await work()
      } catch (error) {
        this.#fail(error)
      }
    })
    return this.#last
  }

  end(): void {
    this.#ended = true
  }
}
