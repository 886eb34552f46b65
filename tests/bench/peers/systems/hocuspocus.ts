/** Hocuspocus with its provider: one socket per device, on which all its documents are multiplexed. */
import { join } from 'node:path'
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import { v7 } from 'uuid'
import * as Y from 'yjs'
import { startProcess, type Server } from '../process.ts'
import { until } from '../until.ts'
import type { Device, System } from './system.ts'

const SERVER = join(import.meta.dirname, '../servers/hocuspocus.ts')

export const hocuspocus = systemWith(
  'hocuspocus',
  2000,
  'acknowledged and broadcast from memory; the whole document stored 2 s after the last edit (at most 10 s; the defaults) with an fsync',
)
/** The most durable that its settings allow: a store begins with every edit. */
export const hocuspocusEager = systemWith(
  'hocuspocus-eager',
  0,
  'as hocuspocus with debounce 0: the whole document is stored, with an fsync, at every edit; the acknowledgement does not wait for it',
)

function systemWith(name: string, debounce: number, durability: string): System {
  return {
    name,
    durability,
    files: ['hocuspocus.sqlite'],
    share: 0.25,
    mustMeet: false,
    restMs: debounce + 750,
    start: (folder, port) =>
      startProcess({ args: [SERVER, String(port), folder, String(debounce)], port, ready: 'listening' }),
    device: async (server, { ticketIds }) => deviceFor(server, ticketIds),
    returning: async (server, { ticketIds }, copyOf) => deviceFor(server, ticketIds, copyOf),
    async office(server, _token, ticketIds) {
      const device = deviceFor(server, ticketIds)
      await device.connect()
      return {
        comment: async (ticketId, body) => device.comment(ticketId, body),
        close: () => device.close(),
      }
    },
  }
}

function deviceFor({ port }: Server, ticketIds: readonly string[], copyOf?: (ticketId: string) => Uint8Array): Device {
  const socket = new HocuspocusProviderWebsocket({ url: `ws://127.0.0.1:${port}`, autoConnect: false })
  const providers = new Map<string, HocuspocusProvider>()
  for (const name of ticketIds) {
    const document = documentOf(copyOf?.(name))
    const provider = new HocuspocusProvider({ websocketProvider: socket, name, document, token: 'bench' })
    // A provider that is given its socket waits to be attached to it.
    provider.attach()
    providers.set(name, provider)
  }
  const all = [...providers.values()]
  const doc = (ticketId: string): Y.Doc => {
    const provider = providers.get(ticketId)
    if (provider === undefined) throw new Error(`the device does not hold ${ticketId}`)
    return provider.document
  }
  return {
    async connect() {
      const live = new Set(all)
      const synced = Promise.all(all.map((provider) => onceSynced(provider).then(() => live.delete(provider))))
      await socket.connect()
      await synced
    },
    async disconnect() {
      socket.disconnect()
      await until(() => all.every(({ isSynced }) => !isSynced))
    },
    acknowledged: () => until(() => all.every(({ hasUnsyncedChanges }) => !hasUnsyncedChanges)),
    async comment(ticketId, body) {
      doc(ticketId)
        .getArray('comments')
        .push([commentOf(body)])
    },
    async rename(ticketId, title) {
      doc(ticketId).getMap('fields').set('title', title)
    },
    doc,
    async close() {
      for (const provider of all) provider.destroy()
      socket.destroy()
    },
  }
}

/** A replica with what the device held when it left. */
export function documentOf(copy: Uint8Array | undefined): Y.Doc {
  const doc = new Y.Doc()
  if (copy !== undefined) Y.applyUpdate(doc, copy)
  return doc
}

function onceSynced(provider: HocuspocusProvider): Promise<void> {
  return new Promise((resolve) => {
    const listener = () => {
      provider.off('synced', listener)
      resolve()
    }
    provider.on('synced', listener)
  })
}

/** A comment as Rejoin shows it. */
export function commentOf(body: string): Record<string, string | number> {
  return { id: v7(), authorId: 'bench', authorName: 'bench', body, visibility: 'public', createdAt: Date.now() }
}
