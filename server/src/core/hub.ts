/**
 * Tells sessions which changes were committed. It is called only after the transaction is on disk, so no session hears
 * of a change that a crash could take back. It holds no queue: a session that falls behind reads the log from its own
 * cursor.
 *
 * 1. `News.before` is safe to trust: a session whose cursor is at or past it has missed nothing that touched its
 *    subscription. It counts every transaction that was published, whether or not the listener could use it, and every
 *    one that was committed without being published.
 */

/** A committed change of one document. */
export interface DocumentChange {
  readonly seq: number
  readonly tag: string
  readonly documentId: string
  readonly update: Uint8Array
  /** Whether a device can receive the whole document. If not, devices are told nothing of the change. */
  readonly isDeliverable: boolean
  /** The document's audience before and after. */
  readonly from: readonly string[]
  readonly to: readonly string[]
}

/** One transaction. */
export interface Committed {
  /** The last `seq` before the transaction, and its own last one. */
  readonly after: number
  readonly seq: number
  readonly changes: readonly DocumentChange[]
  /** Further topics to wake, such as a person whose rights changed. */
  readonly topics: ReadonlySet<string>
}

/** The part of one transaction that concerns one subscription. */
export interface News {
  readonly seq: number
  /** The `seq` of the last transaction before this one that concerned the subscription, or a later one. */
  readonly before: number
  /** In commit order. */
  readonly changes: readonly DocumentChange[]
  /** Whether one of the further topics belongs to the subscription. */
  readonly isCalled: boolean
}

type Listener = (news: News) => void

interface Subscription {
  readonly listener: Listener
  lastSeq: number
}

interface Delivery {
  readonly changes: DocumentChange[]
  isCalled: boolean
}

export class Hub {
  readonly #subscriptions = new Map<string, Set<Subscription>>()
  #seq = 0

  /** Calls `listener` once for each transaction that touches one of `topics`, until the returned function is called. */
  subscribe(topics: Iterable<string>, listener: Listener): () => void {
    const own = [...topics]
    const subscription = { listener, lastSeq: this.#seq }
    for (const topic of own) {
      const subscriptions = this.#subscriptions.get(topic) ?? new Set()
      this.#subscriptions.set(topic, subscriptions.add(subscription))
    }
    return () => {
      for (const topic of own) {
        const subscriptions = this.#subscriptions.get(topic)
        subscriptions?.delete(subscription)
        if (subscriptions?.size === 0) this.#subscriptions.delete(topic)
      }
    }
  }

  /** Throws an `AggregateError` of the listeners' errors after all listeners have been called. */
  publish(committed: Committed): void {
    if (committed.after !== this.#seq) this.#missed(committed.after)
    this.#seq = committed.seq
    const errors: unknown[] = []
    for (const [subscription, { changes, isCalled }] of this.#deliveries(committed)) {
      const before = subscription.lastSeq
      subscription.lastSeq = committed.seq
      try {
        subscription.listener({ seq: committed.seq, before, changes, isCalled })
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} listeners failed`)
  }

  /** A transaction was committed and not published: it may have concerned any subscription. */
  #missed(seq: number): void {
    for (const subscriptions of this.#subscriptions.values()) {
      for (const subscription of subscriptions) subscription.lastSeq = seq
    }
  }

  #deliveries({ changes, topics }: Committed): Map<Subscription, Delivery> {
    const deliveries = new Map<Subscription, Delivery>()
    const deliveriesOn = (topic: string) =>
      [...(this.#subscriptions.get(topic) ?? [])].map((subscription) => {
        const delivery = deliveries.get(subscription) ?? { changes: [], isCalled: false }
        deliveries.set(subscription, delivery)
        return delivery
      })
    for (const change of changes) {
      for (const topic of new Set([...change.from, ...change.to, documentTopic(change.documentId)])) {
        for (const delivery of deliveriesOn(topic)) {
          if (delivery.changes.at(-1) !== change) delivery.changes.push(change)
        }
      }
    }
    for (const topic of topics) for (const delivery of deliveriesOn(topic)) delivery.isCalled = true
    return deliveries
  }
}

/** The topic of all connected sessions. */
export const EVERYBODY = 'everybody'

export function documentTopic(documentId: string): string {
  return `document:${documentId}`
}
