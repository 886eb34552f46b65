/**
 * Those who wait for a batch. Somebody online waits for the answer, a device that comes back with an outbox does not: a
 * hundred of them at once would keep the whole office waiting. So they take turns, each side in its own order.
 */
import type { Waiting } from './judging.ts'

export class Line {
  readonly #online: Waiting[] = []
  readonly #devices: Waiting[] = []
  #isDevicesTurn = false

  get length(): number {
    return this.#online.length + this.#devices.length
  }

  add(waiting: Waiting): void {
    const line = waiting.request.origin === undefined ? this.#online : this.#devices
    line.push(waiting)
  }

  /** Takes out whoever is next; a side whose turn it is when nobody of it waits leaves it to the other. */
  next(): Waiting | undefined {
    const [first, second] = this.#isDevicesTurn ? [this.#devices, this.#online] : [this.#online, this.#devices]
    this.#isDevicesTurn = !this.#isDevicesTurn
    return first.shift() ?? second.shift()
  }
}
