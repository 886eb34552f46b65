/** Rejoin with its SDK: one socket per device, a memory store, the office over tRPC. */
import { join, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { v7 } from 'uuid'
import { connectApi } from '@rejoin/client-sdk/api.ts'
import { openDevice } from '@rejoin/client-sdk/open-device.ts'
import { memoryStore } from '@rejoin/client-sdk/stores/memory.ts'
import type { Store } from '@rejoin/client-sdk/stores/store.ts'
import { DATABASE_FILE } from '@rejoin/server/core/storage/sqlite.ts'
import { AS_STARTED } from '../../../harness/server-process.ts'
import { startProcess, type Server } from '../process.ts'
import { watcherFor } from './rejoin-watcher.ts'
import type { Device, Person, System } from './system.ts'

const MAIN = resolve(import.meta.dirname, '../../../../server/src/main.ts')
const NIGHT_MS = 12 * 60 * 60 * 1000

/** What the devices that have been here hold, by their tokens. */
const stores = new Map<string, Store>()

export const rejoin: System = {
  name: 'rejoin',
  durability: 'fsync before every acknowledgement and every broadcast (WAL, synchronous=FULL, group commit)',
  files: ['rejoin'],
  share: 1,
  mustMeet: true,
  // Contacts are noted every two seconds.
  restMs: 2500,
  start(folder, port) {
    const env = { REJOIN_DATA_DIR: join(folder, 'rejoin'), REJOIN_PORT: String(port), REJOIN_LOG_LEVEL: 'warn' }
    return startProcess({ args: [...AS_STARTED, MAIN, 'serve'], env, port, ready: 'Rejoin listens on' })
  },
  device: (server, person) => deviceOn(memoryStore(), server, person),
  /** The first time it takes its tickets from the server, as its place in the log is part of what it holds. */
  async returning(server, person) {
    const known = stores.get(person.token)
    if (known !== undefined) return deviceOn(known, server, person)
    const store = memoryStore()
    stores.set(person.token, store)
    const device = await deviceOn(store, server, person)
    await device.connect()
    await device.disconnect()
    return device
  },
  watcher: watcherFor,
  async office(server, token) {
    const api = connectApi(urlOf(server), token)
    return {
      comment: async (ticketId, body) =>
        void (await api.tickets.comment.mutate({ ticketId, commentId: v7(), body, visibility: 'public' })),
      close: () => Promise.resolve(),
    }
  },
  // After a few minutes' absence a device's contact is noted again, which is a write: it belongs to a reconnect.
  night(folder) {
    const db = new Database(join(folder, 'rejoin', DATABASE_FILE))
    db.exec(`update device set lastSeenAt = lastSeenAt - ${NIGHT_MS}`)
    db.close()
  },
}

async function deviceOn(store: Store, server: Server, { token }: Person): Promise<Device> {
  const device = await openDevice({ url: urlOf(server), token, store })
  return {
    async connect() {
      device.connect()
      await device.settled()
    },
    disconnect: async () => device.disconnect(),
    acknowledged: () => device.settled(),
    comment: async (ticketId, body) => void (await device.tickets.comment({ ticketId, body })),
    rename: async (ticketId, title) => void (await device.tickets.edit({ ticketId, set: { title } })),
    doc(ticketId) {
      const { doc } = device.text(ticketId, 'description')
      if (doc === null) throw new Error(`the device does not hold ${ticketId}`)
      return doc
    },
    close: () => device.close(),
  }
}

function urlOf({ port }: Server): string {
  return `http://127.0.0.1:${port}`
}
