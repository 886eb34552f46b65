/**
 * Commands that wait for a batch. A person online waits for the answer, a device that comes back with an outbox does
 * not: a hundred of them at once would keep the whole office waiting. So a batch takes from both queues, each in its
 * order.
 */
import type { Waiting } from './judging.ts'

export class CommandQueue {
  readonly #online: Waiting[] = []
  readonly #devices: Waiting[] = []

  get length(): number {
    return this.#online.length + this.#devices.length
  }

  add(waiting: Waiting): void {
    const queue = waiting.request.origin === undefined ? this.#online : this.#devices
    queue.push(waiting)
  }

  /**
   * The next `max` commands at most. Half of the places are for people online; either side takes the places that the
   * other leaves.
   */
  take(max: number): Waiting[] {
    const forDevices = Math.min(this.#devices.length, Math.floor(max / 2))
    const online = this.#online.splice(0, max - forDevices)
    return [...online, ...this.#devices.splice(0, max - online.length)]
  }
}
