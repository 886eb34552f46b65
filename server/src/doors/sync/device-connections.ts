/**
 * The open connections of each device. A device has one at a time, so an earlier one is a network that died
 * unnoticed, or another copy of its store: it is ended, and the store behind it comes back and is told its identity.
 */
import { Refusal } from '@rejoin/shared/errors.ts'
import type { Greeting } from '@rejoin/shared/sync/wire.ts'

interface Connection {
  fail(reason: Refusal): void
}

export class DeviceConnections {
  readonly #counts = new Map<string, Map<Connection, number>>()

  /** The devices that are connected. */
  devices(): string[] {
    return [...this.#counts.keys()]
  }

  /**
   * Ends the connections of the device that began with an earlier greeting. Returns a function that removes this one.
   */
  admit(device: string, [count]: Greeting, connection: Connection): () => void {
    const counts = this.#counts.get(device) ?? new Map<Connection, number>()
    this.#counts.set(device, counts)
    for (const [earlier, earlierCount] of counts) {
      if (earlierCount < count) earlier.fail(new Refusal('unavailable', 'This device has connected anew.'))
    }
    counts.set(connection, count)
    return () => {
      counts.delete(connection)
      if (counts.size === 0 && this.#counts.get(device) === counts) this.#counts.delete(device)
    }
  }
}
