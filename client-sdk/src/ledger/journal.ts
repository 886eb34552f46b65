/**
 * The one way into a device's store and memory.
 *
 * 1. Turns run one after another: no two writes are ever under way, and no turn changes state that another one reads.
 * 2. A turn's changes go to the store in one atomic write, or not at all.
 * 3. Memory changes, and listeners hear of it, only after that write succeeded.
 * 4. A turn that fails rejects to its caller, leaves no trace, and does not hold up the next one.
 * 5. Commands go on the wire inside a turn too, so that none is rewritten while it is being sent.
 */
import type { Changes, Left } from '../changes.ts'
import type { Store } from '../stores/store.ts'

/** The writes of one turn, and its changes to memory once they are stored. */
export class Draft {
  readonly #put = new Map<string, unknown>()
  readonly #delete = new Set<string>()
  readonly #effects: (() => void)[] = []
  readonly #tickets = new Set<string>()
  readonly #left: Left[] = []
  readonly #kinds = new Set<'outbox' | 'verdicts' | 'identity'>()

  put(key: string, value: unknown): void {
    this.#delete.delete(key)
    this.#put.set(key, value)
  }

  delete(key: string): void {
    this.#put.delete(key)
    this.#delete.add(key)
  }

  /** Effects run in the order they were given in, and do not throw. */
  after(effect: () => void): void {
    this.#effects.push(effect)
  }

  get tickets(): ReadonlySet<string> {
    return this.#tickets
  }

  touchTicket(ticketId: string): void {
    this.#tickets.add(ticketId)
  }

  leave(left: Left): void {
    this.#left.push(left)
  }

  touch(kind: 'outbox' | 'verdicts' | 'identity'): void {
    this.#kinds.add(kind)
  }

  async commit(store: Store, changes: Changes): Promise<void> {
    if (this.#put.size + this.#delete.size > 0) {
      await store.write({ put: [...this.#put], delete: [...this.#delete] })
    }
    for (const effect of this.#effects) effect()
    if (this.#tickets.size > 0) changes.emit({ kind: 'tickets', ticketIds: [...this.#tickets] })
    if (this.#left.length > 0) changes.emit({ kind: 'left', tickets: this.#left })
    for (const kind of this.#kinds) changes.emit({ kind })
  }
}

export class Journal {
  readonly #store: Store
  readonly #changes: Changes
  #last: Promise<unknown> = Promise.resolve()

  constructor(store: Store, changes: Changes) {
    this.#store = store
    this.#changes = changes
  }

  /** Runs `fill` when all earlier turns are over, writes its draft, and resolves with its result. */
  turn<T>(fill: (draft: Draft) => T): Promise<T> {
    const run = async () => {
      const draft = new Draft()
      const answer = fill(draft)
      await draft.commit(this.#store, this.#changes)
      return answer
    }
    // A failed turn has rejected to its own caller; this one runs all the same.
    const turn = this.#last.then(run, run)
    this.#last = turn
    return turn
  }
}
