/**
 * Tells sessions what was committed. Called only after the transaction is on disk, so nobody hears of a change that
 * a crash could take back. It holds no queue: a session that falls behind reads the log from its own cursor.
 */

/** A committed change of one document. `topics` are its audience before and after, and the document's own topic. */
export interface DocumentChange {
  readonly seq: number
  readonly documentId: string
  readonly update: Uint8Array
  readonly topics: ReadonlySet<string>
}

export interface Committed {
  readonly changes: readonly DocumentChange[]
  /** Further topics to wake, such as a person whose rights changed. */
  readonly topics: ReadonlySet<string>
}

type Listener = (committed: Committed) => void

export class Hub {
  readonly #listeners = new Map<string, Set<Listener>>()

  /** Calls `listener` once for each commit that touches one of `topics`, until the returned function is called. */
  subscribe(topics: Iterable<string>, listener: Listener): () => void {
    const own = [...topics]
    for (const topic of own) {
      const listeners = this.#listeners.get(topic) ?? new Set()
      this.#listeners.set(topic, listeners.add(listener))
    }
    return () => {
      for (const topic of own) {
        const listeners = this.#listeners.get(topic)
        listeners?.delete(listener)
        if (listeners?.size === 0) this.#listeners.delete(topic)
      }
    }
  }

  /** Throws what the listeners threw, when all of them have been called. */
  publish(committed: Committed): void {
    const topics = new Set(committed.topics)
    for (const change of committed.changes) for (const topic of change.topics) topics.add(topic)
    const woken = new Set<Listener>()
    for (const topic of topics) for (const listener of this.#listeners.get(topic) ?? []) woken.add(listener)
    const errors: unknown[] = []
    for (const listener of woken) {
      try {
        listener(committed)
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} listeners failed`)
  }
}

export function documentTopic(documentId: string): string {
  return `document:${documentId}`
}
