/**
 * The disk of a device that may die or fail at any operation. It watches the durable data: a command leaves the
 * outbox only together with its verdict, and a verdict never changes.
 */
import { memoryStore, type MemoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import type { DeviceTime } from '@rejoin/shared/sync/time.ts'
import type { Store, StoreWrite } from '@rejoin/client-sdk/stores/store.ts'
import {
  OUTBOX_PREFIX,
  VERDICT_PREFIX,
  type DecidedRecord,
  type OutboxRecord,
} from '@rejoin/client-sdk/ledger/records.ts'
import type { Book } from './book.ts'
import { never, turns } from './turns.ts'

interface Owner {
  readonly actorId: string
  /** The owner's name for the device. */
  readonly device: string
  /** The true time at which the clocks of the device read so. */
  timeOf(at: DeviceTime): number
}

export interface Death {
  /** How many operations still succeed. */
  operations: number
  /** Whether the last one takes effect before the process ends. */
  readonly after: boolean
}

export class WatchedStore implements Store {
  death: Death | null = null
  /** How many writes fail before the disk works again. */
  failures = 0
  isDead = false
  /** How many turns of the event loop an operation takes before, and after, it takes effect. */
  slowness = 0
  onDeath: () => void = () => undefined
  readonly #disk: MemoryStore
  readonly #book: Book
  readonly #owner: Owner
  readonly #waiting = new Map<string, string>()

  constructor(entries: Iterable<readonly [string, unknown]>, book: Book, owner: Owner) {
    this.#disk = memoryStore(entries)
    this.#book = book
    this.#owner = owner
    for (const [key, value] of this.#disk.entries()) {
      if (key.startsWith(OUTBOX_PREFIX)) this.#waiting.set(key, (value as OutboxRecord).command.id)
    }
  }

  entries(): [string, unknown][] {
    return this.#disk.entries()
  }

  /** The process ends here, between two operations or within one. */
  die(): void {
    if (this.isDead) return
    this.isDead = true
    this.onDeath()
  }

  async load(): Promise<Map<string, unknown>> {
    return this.#operate(() => this.#disk.load())
  }

  async write(write: StoreWrite): Promise<void> {
    if (this.failures > 0 && !this.isDead) {
      this.failures -= 1
      this.#book.fault('device disk error')
      throw new Error('the disk is full')
    }
    await this.#operate(async () => {
      await this.#disk.write(write)
      this.#look(write)
    })
  }

  async close(): Promise<void> {
    await this.#disk.close()
  }

  async #operate<T>(operation: () => T | Promise<T>): Promise<T> {
    const isLast = this.death !== null && this.death.operations === 0
    if (this.death !== null) this.death.operations -= 1
    if (isLast && this.death?.after === false) this.#dieHere('before')
    if (this.isDead) return never()
    await turns(this.slowness)
    if (this.isDead) return never()
    const result = await operation()
    if (isLast) this.#dieHere('after')
    await turns(this.slowness)
    return this.isDead ? never() : result
  }

  #dieHere(when: 'before' | 'after'): void {
    if (!this.isDead) this.#book.fault(`device crash ${when} an operation of its store took effect`)
    this.die()
  }

  #look({ put, delete: deleted }: StoreWrite): void {
    const decided = new Set<string>()
    for (const [key, value] of put) {
      if (key.startsWith(OUTBOX_PREFIX)) this.#queued(key, value as OutboxRecord)
      if (key.startsWith(VERDICT_PREFIX)) {
        const { command, verdict } = value as DecidedRecord
        decided.add(command.id)
        const { id: _, ...heard } = verdict
        this.#book.keep(command.id, heard)
      }
    }
    for (const key of deleted) {
      const id = this.#waiting.get(key)
      this.#waiting.delete(key)
      if (id !== undefined && !decided.has(id)) this.#book.broken(4, `command ${id} left the outbox without a verdict`)
    }
  }

  #queued(key: string, { command: { id, name, input, group, at } }: OutboxRecord): void {
    const { actorId, device, timeOf } = this.#owner
    const before = this.#waiting.get(key)
    // Text typed on is merged with text that nobody has seen yet, under a new id.
    if (before !== undefined && before !== id) this.#book.unmake(before)
    this.#waiting.set(key, id)
    this.#book.make({ id, name, input, actorId, device, group: group ?? null, doneAt: timeOf(at) })
  }
}
