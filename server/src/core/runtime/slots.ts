/**
 * Costly work, such as hashing passwords: a few pieces at a time. Callers take turns, so that a caller with a long
 * queue delays every other one by one piece of work and not by the whole queue. It knows nothing of the work.
 *
 * 1. Waiting work is bounded for each caller and for all together. When the total is full, the longest queue gives way.
 * 2. It is in memory only: waiting work is lost with its request.
 */
import { RetryLater } from './retry-later.ts'

/** The thread pool of Node has four threads, which also read files and resolve names. */
const SLOTS = 2
/** A whole office signs in through one address in the morning. */
const MOST_OF_ONE = 64
const MOST_OF_ALL = 256
/** About the time of a password hash: the base of the suggested retry time. */
const PIECE_MS = 50

interface Turn {
  begin(): void
  refuse(refusal: RetryLater): void
}

export class Slots {
  #free = SLOTS
  #waiting = 0
  /** By caller; the first caller is next, and goes to the end afterwards. */
  readonly #queues = new Map<string, Turn[]>()

  /** Runs `work` when it is the caller's turn. Throws `RetryLater('unavailable')` when too much waits. */
  async run<Result>(caller: string, work: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free -= 1
    else await this.#turn(caller)
    try {
      return await work()
    } finally {
      this.#next()
    }
  }

  #turn(caller: string): Promise<void> {
    const queue = this.#queues.get(caller) ?? []
    if (queue.length >= MOST_OF_ONE) throw this.#full(`${MOST_OF_ONE} of your requests are already waiting.`)
    if (this.#waiting >= MOST_OF_ALL) this.#makeRoom(queue.length)
    this.#waiting += 1
    this.#queues.set(caller, queue)
    return new Promise((resolve, reject) => queue.push({ begin: resolve, refuse: reject }))
  }

  /**
   * For a caller whose queue has `length` entries: removes the last entry of the longest queue, if that queue stays no
   * shorter.
   */
  #makeRoom(length: number): void {
    const longest = [...this.#queues.values()].reduce((one, other) => (other.length > one.length ? other : one))
    const refusal = this.#full(`${MOST_OF_ALL} requests are already waiting.`)
    if (longest.length <= length + 1) throw refusal
    longest.pop()?.refuse(refusal)
    this.#waiting -= 1
  }

  #next(): void {
    const [first] = this.#queues
    if (first === undefined) {
      this.#free += 1
      return
    }
    const [caller, queue] = first
    const turn = queue.shift()
    this.#waiting -= 1
    this.#queues.delete(caller)
    if (queue.length > 0) this.#queues.set(caller, queue)
    turn?.begin()
  }

  #full(message: string): RetryLater {
    const retryAfterMs = 1000 + (this.#waiting * PIECE_MS) / SLOTS
    return new RetryLater('unavailable', message, { hint: 'Nothing was changed. Try again later.', retryAfterMs })
  }
}
