/** A Hocuspocus server on SQLite, as its documentation sets it up. Arguments: port, folder, debounce in ms. */
import { join } from 'node:path'
import { SQLite } from '@hocuspocus/extension-sqlite'
import { Server } from '@hocuspocus/server'

const [port, folder = '.', debounce] = process.argv.slice(2)
const server = new Server({
  port: Number(port),
  address: '127.0.0.1',
  quiet: true,
  debounce: Number(debounce),
  // A device opens more tickets at once than the default of 100 lets it: the socket would be closed.
  maxPendingDocuments: 10_000,
  maxUnauthenticatedQueueMessages: 100_000,
  extensions: [new SQLite({ database: join(folder, 'hocuspocus.sqlite') })],
})
await server.listen()
console.log('listening')
