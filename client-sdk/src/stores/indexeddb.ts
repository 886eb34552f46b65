/** A store in a browser's IndexedDB. It asks for strict durability: a write resolves when the disk has it. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { Store } from './store.ts'

const FORMAT = 1
/** A page that was just left or reloaded lets go of its lock a moment later. */
const LOCK_WAIT_MS = 2000

interface Schema extends DBSchema {
  record: { key: string; value: unknown }
}

/**
 * The store of the given name in this origin. Its `load` throws `Refusal('conflict')` while another tab has it open;
 * where the browser has no Web Locks (a page without HTTPS) the app sees to that itself.
 */
export function indexedDbStore(name = 'rejoin'): Store {
  let database: IDBPDatabase<Schema> | null = null
  let unlock: () => void = () => undefined

  return {
    async load() {
      unlock = await lock(`rejoin-store:${name}`)
      try {
        database = await openDB<Schema>(name, FORMAT, { upgrade: (opened) => void opened.createObjectStore('record') })
        const reading = database.transaction('record', 'readonly')
        const [keys, values] = await Promise.all([reading.store.getAllKeys(), reading.store.getAll()])
        return new Map(keys.map((key, index) => [key, values[index]]))
      } catch (error) {
        unlock()
        throw error
      }
    },
    async write(write) {
      if (database === null) throw new Refusal('unavailable', 'This store is closed.')
      const writing = database.transaction('record', 'readwrite', { durability: 'strict' })
      const requests = [
        ...write.put.map(([key, value]) => writing.store.put(value, key)),
        ...write.delete.map((key) => writing.store.delete(key)),
      ]
      await Promise.all([...requests, writing.done])
    },
    async close() {
      database?.close()
      database = null
      unlock()
    },
  }
}

/** Takes the lock of the name until the answer is called. Throws `Refusal('conflict')` where another tab has it. */
async function lock(name: string): Promise<() => void> {
  // The types say that it is always there; pages without HTTPS do not have it.
  const locks = navigator.locks as LockManager | undefined
  if (locks === undefined) return () => undefined
  const signal = AbortSignal.timeout(LOCK_WAIT_MS)
  return new Promise((resolve, reject) => {
    const held = locks.request(name, { signal }, () => new Promise<void>((release) => resolve(release)))
    held.catch((error: unknown) => reject(signal.aborted ? openElsewhere() : error))
  })
}

function openElsewhere(): Refusal {
  return new Refusal('conflict', 'This device is open in another tab or window.', 'Use that one, or close it.')
}
