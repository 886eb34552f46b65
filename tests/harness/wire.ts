/** A network cable: a TCP relay on loopback between one device and the server, which a test can cut and mend. */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { Transform } from 'node:stream'

/** How many bytes may still pass before a connection breaks; null: any number. */
interface Fuse {
  bytes: number | null
}

export class Wire {
  readonly url: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** The server's side of each connection, and where its bytes go. */
  readonly #down: Map<Socket, Socket>
  readonly #stalled = new Map<Socket, Socket>()
  readonly #isCut: { value: boolean }
  readonly #fuse: Fuse

  private constructor(
    server: Server,
    { sockets, down }: { sockets: Set<Socket>; down: Map<Socket, Socket> },
    isCut: { value: boolean },
    fuse: Fuse,
  ) {
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('the relay does not listen')
    this.url = `http://127.0.0.1:${address.port}`
    this.#server = server
    this.#sockets = sockets
    this.#down = down
    this.#isCut = isCut
    this.#fuse = fuse
  }

  static async to(url: string): Promise<Wire> {
    const { hostname, port } = new URL(url)
    const sockets = new Set<Socket>()
    const down = new Map<Socket, Socket>()
    const isCut = { value: false }
    const fuse: Fuse = { bytes: null }
    const server = createServer((near) => {
      if (isCut.value) {
        near.destroy()
        return
      }
      const far = connect(Number(port), hostname)
      down.set(far, near)
      for (const [here, there] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(here)
        here.setNoDelay(true)
        if (here === near) here.pipe(fused(fuse, there)).pipe(there)
        else here.pipe(there)
        here.on('error', () => there.destroy())
        here.on('close', () => {
          sockets.delete(here)
          down.delete(here)
          there.destroy()
        })
      }
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Wire(server, { sockets, down }, isCut, fuse)
  }

  /** Breaks every connection, and every new one, until `mend`. */
  cut(): void {
    this.#isCut.value = true
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Takes nothing more from the server on the connections there are, until `mend`. */
  stall(): void {
    for (const [far, near] of this.#down) {
      far.unpipe(near)
      this.#stalled.set(far, near)
    }
  }

  /** Swallows what either side says on the connections there are, and lets neither know; for good. */
  swallow(): void {
    for (const [far, near] of this.#down) {
      for (const socket of [far, near]) socket.removeAllListeners('close').unpipe().resume()
    }
  }

  mend(): void {
    for (const [far, near] of this.#stalled) far.pipe(near)
    this.#stalled.clear()
    this.#isCut.value = false
    this.#fuse.bytes = null
  }

  /** Lets `bytes` more through to the server and then breaks the connection that sent them: what it said stays half. */
  breakAfter(bytes: number): void {
    this.#fuse.bytes = bytes
  }

  /** Breaks every connection once. */
  snap(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

function fused(fuse: Fuse, far: Socket): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (fuse.bytes === null || chunk.length < fuse.bytes) {
        if (fuse.bytes !== null) fuse.bytes -= chunk.length
        done(null, chunk)
        return
      }
      const part = chunk.subarray(0, fuse.bytes)
      fuse.bytes = null
      // The rest of the chunk is never passed on.
      far.write(part, () => far.destroy())
    },
  })
}
