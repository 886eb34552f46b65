/** A network cable: a TCP relay on loopback between one device and the server, which a test can cut and mend. */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'

export class Wire {
  readonly url: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #isCut: { value: boolean }

  private constructor(server: Server, sockets: Set<Socket>, isCut: { value: boolean }) {
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('the relay does not listen')
    this.url = `http://127.0.0.1:${address.port}`
    this.#server = server
    this.#sockets = sockets
    this.#isCut = isCut
  }

  static async to(url: string): Promise<Wire> {
    const { hostname, port } = new URL(url)
    const sockets = new Set<Socket>()
    const isCut = { value: false }
    const server = createServer((near) => {
      if (isCut.value) {
        near.destroy()
        return
      }
      const far = connect(Number(port), hostname)
      for (const [here, there] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(here)
        here.setNoDelay(true)
        here.pipe(there)
        here.on('error', () => there.destroy())
        here.on('close', () => {
          sockets.delete(here)
          there.destroy()
        })
      }
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Wire(server, sockets, isCut)
  }

  /** Breaks every connection, and every new one, until `mend`. */
  cut(): void {
    this.#isCut.value = true
    for (const socket of this.#sockets) socket.destroy()
  }

  mend(): void {
    this.#isCut.value = false
  }

  async close(): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
