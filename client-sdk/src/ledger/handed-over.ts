/** The tray of tickets that left the device's scope while it had work on them that the server had not judged. */
import type { Draft } from './journal.ts'
import { HANDED_OVER_PREFIX, recordsUnder, type HandedOverRecord, type Records } from './records.ts'

export class HandedOver {
  readonly #leftAt = new Map<string, number>()

  constructor(records: Records) {
    const stored = recordsUnder<HandedOverRecord>(records, HANDED_OVER_PREFIX)
    for (const [ticketId, { leftAt }] of stored.toSorted(([, a], [, b]) => a.leftAt - b.leftAt)) {
      this.#leftAt.set(ticketId, leftAt)
    }
  }

  /** In the order they left in. */
  ids(): string[] {
    return [...this.#leftAt.keys()]
  }

  add(draft: Draft, ticketId: string, leftAt: number): void {
    draft.put(HANDED_OVER_PREFIX + ticketId, { leftAt } satisfies HandedOverRecord)
    draft.after(() => void this.#leftAt.set(ticketId, leftAt))
  }

  /** The ticket is back. */
  remove(draft: Draft, ticketId: string): void {
    if (!this.#leftAt.has(ticketId)) return
    draft.delete(HANDED_OVER_PREFIX + ticketId)
    draft.after(() => void this.#leftAt.delete(ticketId))
  }

  prune(draft: Draft, horizonAt: number): void {
    for (const [ticketId, leftAt] of this.#leftAt) {
      if (leftAt < horizonAt) this.remove(draft, ticketId)
    }
  }
}
