/** Names to the operator, once each, the documents that are too large for any device. It keeps nothing on disk. */
import type { Log } from '../../core/runtime/log.ts'
import type { Metrics } from '../../core/runtime/metrics.ts'
import { lru } from '../../core/runtime/lru.ts'

const MAX_NAMED = 1000

export class Oversized {
  readonly #ports: { readonly log: Log; readonly metrics: Metrics }
  readonly #named = lru<string, true>(MAX_NAMED)

  constructor(ports: { readonly log: Log; readonly metrics: Metrics }) {
    this.#ports = ports
  }

  /** Counts a document that could not be sent to a device, and names it once in the log. */
  meet(ticketId: string): void {
    this.#ports.metrics.undeliverable.inc()
    if (this.#named.get(ticketId) === true) return
    this.#named.set(ticketId, true)
    this.#ports.log.warn({ ticketId }, 'a ticket is too large for devices; "rejoin doctor" says what to do')
  }
}
