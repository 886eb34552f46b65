/** The y-websocket server with its provider: one document, one socket. */
import { join } from 'node:path'
import * as encoding from 'lib0/encoding'
import * as sync from 'y-protocols/sync'
import { WebsocketProvider } from 'y-websocket'
import type * as Y from 'yjs'
import { startProcess, type Server } from '../process.ts'
import { until } from '../until.ts'
import { commentOf, documentOf } from './hocuspocus.ts'
import type { Device, System } from './system.ts'

const SERVER = join(import.meta.dirname, '../servers/y-websocket.ts')
const SYNC_MESSAGE = 0

export const yWebsocket = systemWith('y-websocket', 'memory', 'none: documents live in memory (the default)')
export const yWebsocketLevel = systemWith(
  'y-websocket-level',
  'level',
  'each update is handed to LevelDB as it is broadcast, without an fsync and without waiting for it; no acknowledgements',
)

function systemWith(name: string, storage: 'memory' | 'level', durability: string): System {
  return {
    name,
    durability,
    files: [storage === 'memory' ? 'states.txt' : 'level'],
    share: 0.25,
    mustMeet: false,
    restMs: 750,
    start: (folder, port) => startProcess({ args: [SERVER, String(port), folder, storage], port, ready: 'listening' }),
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
  const providers = new Map<string, WebsocketProvider>()
  for (const name of ticketIds) {
    const options = { connect: false, disableBc: true }
    const doc = documentOf(copyOf?.(name))
    providers.set(name, new WebsocketProvider(`ws://127.0.0.1:${port}`, name, doc, options))
  }
  const all = [...providers.values()]
  const doc = (ticketId: string): Y.Doc => {
    const provider = providers.get(ticketId)
    if (provider === undefined) throw new Error(`the device does not hold ${ticketId}`)
    return provider.doc
  }
  return {
    async connect() {
      for (const provider of all) provider.connect()
      // With LevelDB the server answers before it has read its copy, so `synced` alone may be of an empty document.
      await until(() => all.every(({ synced, doc }) => synced && doc.getMap('fields').size > 0))
    },
    async disconnect() {
      for (const provider of all) provider.disconnect()
    },
    acknowledged: async () => void (await Promise.all(all.map(echo))),
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
    },
  }
}

/** Asks for the server's state once more: the answer comes after everything that was sent before was taken in. */
async function echo(provider: WebsocketProvider): Promise<void> {
  const { ws } = provider
  if (ws === null) throw new Error('the provider is not connected')
  await new Promise<void>((resolve) => {
    ws.addEventListener('message', function listener({ data }: MessageEvent<ArrayBuffer>) {
      const [message, step] = new Uint8Array(data)
      if (message !== SYNC_MESSAGE || step !== sync.messageYjsSyncStep2) return
      ws.removeEventListener('message', listener)
      resolve()
    })
    const question = encoding.createEncoder()
    encoding.writeVarUint(question, SYNC_MESSAGE)
    sync.writeSyncStep1(question, provider.doc)
    ws.send(encoding.toUint8Array(question))
  })
}
