/**
 * Updates whose dependencies have not come yet: typing in the moment after a reconnect comes before the typing from
 * offline, and one tab may relay another's update before that tab has sent it. They wait here in memory, limited in
 * number, bytes and time; their client has them as well, and brings them again at its next connection.
 */
import { Refusal } from '@rejoin/shared/errors.ts'

/** The letters of a fast typist over a slow line, or a pasted text. */
const MAX_UPDATES = 500
const MAX_BYTES = 256 * 1024
/** As long as the clients themselves wait for a message. */
const MAX_MS = 30_000

const ANEW = 'Connect again and send everything that the server does not have.'

export class Held {
  #updates: Uint8Array[] = []
  #bytes = 0
  #since = 0

  get count(): number {
    return this.#updates.length
  }

  /** Throws `Refusal('unavailable')` if there is no room. */
  add(update: Uint8Array, now: number): void {
    if (this.count === 0) this.#since = now
    this.#updates.push(update)
    this.#bytes += update.length
    if (this.count > MAX_UPDATES) throw tooMuch(`${this.count} updates`, `${MAX_UPDATES}`)
    if (this.#bytes > MAX_BYTES) throw tooMuch(`${this.#bytes} bytes`, `${MAX_BYTES}`)
  }

  /** Throws `Refusal('missing-dependencies')` if they have waited for too long. */
  assertInTime(now: number): void {
    if (this.count > 0 && now - this.#since > MAX_MS) throw missing()
  }

  /** All of them, in the order of arrival. */
  take(): Uint8Array[] {
    const updates = this.#updates
    this.#updates = []
    this.#bytes = 0
    return updates
  }
}

function missing(): Refusal {
  const seconds = MAX_MS / 1000
  return new Refusal(
    'missing-dependencies',
    `The changes that the update builds on did not arrive within ${seconds} seconds.`,
    ANEW,
  )
}

function tooMuch(held: string, limit: string): Refusal {
  return new Refusal('unavailable', `${held} wait for earlier changes; the limit is ${limit}.`, ANEW)
}
