/**
 * The y-websocket server. Its own command keeps documents in memory unless it is given a LevelDB; `level` does with the
 * present y-leveldb what it does with the one it brings. Arguments: port, folder, `memory` or `level`.
 */
import { createServer } from 'node:http'
import { join } from 'node:path'
import { getYDoc, setPersistence, setupWSConnection } from '@y/websocket-server/utils'
import { WebSocketServer } from 'ws'
import { LeveldbPersistence } from 'y-leveldb'
import * as Y from 'yjs'
import { readStates } from '../states.ts'

const [port, folder = '.', storage] = process.argv.slice(2)

if (storage === 'level') {
  const level = new LeveldbPersistence(join(folder, 'level'))
  setPersistence({
    provider: level,
    async bindState(name: string, doc: Y.Doc) {
      const stored = await level.getYDoc(name)
      await level.storeUpdate(name, Y.encodeStateAsUpdate(doc))
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(stored))
      doc.on('update', (update: Uint8Array) => void level.storeUpdate(name, update))
    },
    writeState: () => Promise.resolve(),
  })
} else {
  for (const { ticketId, state } of readStates(folder)) Y.applyUpdate(getYDoc(ticketId), state)
}

const sockets = new WebSocketServer({ noServer: true })
sockets.on('connection', setupWSConnection)
const server = createServer()
server.on('upgrade', (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (connection) => sockets.emit('connection', connection, request))
})
server.listen(Number(port), '127.0.0.1', 10_000, () => console.log('listening'))
