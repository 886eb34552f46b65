/** A TCP relay in front of the server that counts what callers send through it. */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

export interface Relay extends AsyncDisposable {
  readonly url: string
  /** Bytes sent to the server since it was last asked. */
  takeBytes(): number
}

export async function relayTo(target: string): Promise<Relay> {
  const { port, hostname } = new URL(target)
  let bytes = 0
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect(Number(port), hostname)
    near.on('data', (data: Buffer) => (bytes += data.length))
    near.pipe(far).pipe(near)
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the relay does not listen')
  return {
    url: `http://127.0.0.1:${address.port}`,
    takeBytes() {
      const taken = bytes
      bytes = 0
      return taken
    },
    async [Symbol.asyncDispose]() {
      server.close()
    },
  }
}
