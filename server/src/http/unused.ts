/**
 * Connections that wait for their next request. They are kept longer than proxies keep theirs, so that a connection
 * never closes while a request is on its way; if many are open, those that have waited for longest make room.
 */
import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'

/** Proxies keep a connection for 75 s at most, unless configured otherwise. */
export const KEEP_ALIVE_MS = 80_000
/** The share of the allowed connections that is kept free for new ones, as long as unused ones can be closed. */
const LEFT = 0.1

export function makeRoom(server: Pick<Server, 'on'>, connections: number): void {
  /** Longest first. */
  const unused = new Set<Duplex>()
  let open = 0
  server.on('connection', (connection: Duplex) => {
    open += 1
    connection.once('close', () => {
      open -= 1
    })
    const [longest] = unused
    if (open <= connections * (1 - LEFT) || longest === undefined) return
    unused.delete(longest)
    longest.destroy()
  })
  server.on('request', ({ socket }, response) => {
    if (!unused.delete(socket)) socket.once('close', () => unused.delete(socket))
    response.once('close', () => {
      if (!socket.destroyed) unused.add(socket)
    })
  })
  server.on('upgrade', ({ socket }) => void unused.delete(socket))
}
