/** A store in a browser's IndexedDB. It asks for strict durability: a write resolves when the disk has it. */
import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from 'idb'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { Store, StoreWrite } from './store.ts'

const FORMAT = 1
/** A page that was just left or reloaded lets go of its lock a moment later. */
const LOCK_WAIT_MS = 2000

interface Schema extends DBSchema {
  record: { key: string; value: unknown }
}

/**
 * The store of the given name in this origin. Its `load` throws `Refusal('conflict')` while another tab has it open;
 * where the browser has no Web Locks (a page without HTTPS) the app sees to that itself. Where the browser has closed
 * it meanwhile, as some do to pages in the background, a write opens it again and is made once more.
 */
export function indexedDbStore(name = 'rejoin'): Store {
  let database: IDBPDatabase<Schema> | null = null
  let unlock: () => void = () => undefined

  return {
    async load() {
      unlock = await lock(`rejoin-store:${name}`)
      try {
        database = await openStore(name, { mayMake: true })
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
      try {
        await writeAll(database, write)
      } catch (error) {
        if (!isNamed(error, 'InvalidStateError', 'AbortError')) throw explained(error)
        database = await openStore(name, { mayMake: false })
        await writeAll(database, write).catch((again: unknown) => Promise.reject(explained(again)))
      }
    },
    close() {
      database?.close()
      database = null
      unlock()
    },
  }
}

/** Writes everything in one transaction, or nothing. */
async function writeAll(database: IDBPDatabase<Schema>, write: StoreWrite): Promise<void> {
  const writing = database.transaction('record', 'readwrite', { durability: 'strict' })
  const requests = [
    ...write.put.map(([key, value]) => writing.store.put(value, key)),
    ...write.delete.map((key) => writing.store.delete(key)),
  ]
  await Promise.all([...requests, writing.done])
}

/** Without `mayMake` the database must exist: a new one would hold only the next write. */
async function openStore(name: string, { mayMake }: { mayMake: boolean }): Promise<IDBPDatabase<Schema>> {
  let isNew = false
  const database = await openDB<Schema>(name, FORMAT, {
    upgrade(opened) {
      isNew = true
      opened.createObjectStore('record')
    },
    // A page that deletes the database, or a newer version of the app, would wait for this page for ever.
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  }).catch((error: unknown) => Promise.reject(explained(error)))
  if (mayMake || !isNew) return database
  database.close()
  await deleteDB(name)
  const message = 'The browser deleted the data of this device.'
  throw new Refusal('unavailable', message, 'Copy work that is not on the server yet, then reload the page.')
}

function explained(error: unknown): unknown {
  if (isNamed(error, 'QuotaExceededError')) {
    const message = 'The browser has no storage left for this device.'
    return new Refusal('unavailable', message, 'Free space on the disk or in the browser, then try again.')
  }
  if (!isNamed(error, 'VersionError')) return error
  return new Refusal('conflict', 'A newer version of this app is using this device.', 'Reload the page.')
}

function isNamed(error: unknown, ...names: string[]): boolean {
  return error instanceof DOMException && names.includes(error.name)
}

/** Takes the lock of the name until the answer is called. Throws `Refusal('conflict')` where another tab has it. */
function lock(name: string): Promise<() => void> {
  // The types say that it is always there; pages without HTTPS do not have it.
  const locks = navigator.locks as LockManager | undefined
  if (locks === undefined) return Promise.resolve(() => undefined)
  const signal = AbortSignal.timeout(LOCK_WAIT_MS)
  return new Promise((resolve, reject) => {
    const held = locks.request(name, { signal }, () => new Promise<void>((release) => resolve(release)))
    held.catch((error: unknown) => reject(signal.aborted ? openElsewhere() : error))
  })
}

function openElsewhere(): Refusal {
  return new Refusal(
    'conflict',
    'This device is open in another tab or window.',
    'Use that tab or window, or close it.',
  )
}
