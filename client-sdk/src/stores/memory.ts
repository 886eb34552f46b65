/** A store for tests and trials: as strict as a real one about copies and life-cycle, and gone with the process. */
import { Refusal } from '@rejoin/shared/errors.ts'
import type { Store } from './store.ts'

export interface MemoryStore extends Store {
  /** A copy of everything that is durable now: what a crash at this moment would leave behind. */
  entries(): [string, unknown][]
}

/** A store that starts with `entries`, for instance with another one's `entries()`. It outlives its devices. */
export function memoryStore(entries: Iterable<readonly [string, unknown]> = []): MemoryStore {
  const records = new Map(structuredClone([...entries]))
  let isOpen = false

  return {
    load() {
      if (isOpen) throw new Refusal('conflict', 'This store is already open.', 'Close the device that uses it.')
      isOpen = true
      return structuredClone(records)
    },
    write(write) {
      if (!isOpen) throw new Refusal('unavailable', 'This store is closed.')
      const put = structuredClone(write.put)
      for (const [key, value] of put) records.set(key, value)
      for (const key of write.delete) records.delete(key)
    },
    close() {
      isOpen = false
    },
    entries: () => structuredClone([...records]),
  }
}
