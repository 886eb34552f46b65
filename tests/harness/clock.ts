/** A clock that stands still until the test moves it, for the server, the devices, and their timers. */

const START = Date.UTC(2026, 2, 2, 9, 0, 0)

interface Timer {
  readonly at: number
  readonly run: () => void
}

export class Clock {
  #now: number
  readonly #timers = new Set<Timer>()

  constructor(start = START) {
    this.#now = start
  }

  readonly now = (): number => this.#now

  /** Calls `run` when the clock has moved `ms` on; the answer cancels it. */
  readonly after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: this.#now + ms, run }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  /** Moves on, stopping at each timer that is due on the way. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.run()
    }
    this.#now = end
  }

  #next(end: number): Timer | undefined {
    const due = [...this.#timers].filter(({ at }) => at <= end)
    return due.sort((left, right) => left.at - right.at)[0]
  }
}
