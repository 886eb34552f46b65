/** A WebSocket in the raw: sends any bytes that a test likes, and keeps everything that came back. */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { SUBPROTOCOL } from '@rejoin/shared/sync/wire.ts'

export interface Closed {
  readonly code: number
  readonly reason: string
}

export class RawSocket {
  readonly messages: (Uint8Array | string)[] = []
  closed: Closed | null = null
  readonly #socket: WebSocket
  readonly #waiting = new Set<() => void>()

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      this.messages.push(isBinary ? new Uint8Array(data) : data.toString())
      this.#changed()
    })
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() }
      this.#changed()
    })
    // A connection that breaks is told by `closed`.
    socket.on('error', () => this.#changed())
  }

  /** Resolves when the connection stands. Without a token, as nobody. */
  static async open(
    url: string,
    path: string,
    token?: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<RawSocket> {
    const protocols = token === undefined ? [SUBPROTOCOL] : [SUBPROTOCOL, `bearer.${token}`]
    const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, protocols, { headers })
    const raw = new RawSocket(socket)
    await once(socket, 'open')
    return raw
  }

  /** The extensions that the server has agreed to, such as compression. */
  get extensions(): string {
    return this.#socket.extensions
  }

  /** Reads nothing more. */
  pause(): void {
    this.#socket.pause()
  }

  send(data: Uint8Array | string): void {
    if (this.closed === null) this.#socket.send(data)
  }

  /** Resolves when `isTrue` holds or the connection is closed. */
  async until(isTrue: () => boolean): Promise<void> {
    while (this.closed === null && !isTrue()) await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  /** Resolves with how the other side closed the connection. */
  async end(): Promise<Closed> {
    await this.until(() => false)
    if (this.closed === null) throw new Error('the connection is still open')
    return this.closed
  }

  /** Begins a binary message of `announced` bytes, sends `bytes` of it, and leaves it at that. */
  beginMessage(announced: number, bytes: number): void {
    const head = Buffer.alloc(14)
    head.writeUInt8(0x82, 0)
    head.writeUInt8(0xff, 1)
    head.writeBigUInt64BE(BigInt(announced), 2)
    const { _socket: connection } = this.#socket as unknown as { _socket: { write(data: Buffer): void } }
    connection.write(Buffer.concat([head, Buffer.alloc(bytes)]))
  }

  /** More bytes of a message that was begun. */
  goOn(bytes: number): void {
    const { _socket: connection } = this.#socket as unknown as { _socket: { write(data: Buffer): void } }
    connection.write(Buffer.alloc(bytes))
  }

  /** Ends the connection without a word. */
  cut(): void {
    this.#socket.terminate()
  }

  async close(): Promise<void> {
    this.#socket.close()
    await this.end()
  }

  #changed(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
