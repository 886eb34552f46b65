/**
 * The sending side of a socket, for both doors. Frames that the reader does not take in time wait here up to a limit;
 * beyond that the connection is cut, and the reader comes back for the missed changes.
 */
import type { WebSocket } from 'ws'

interface WirePorts {
  readonly unreadBytes: number
  now(): number
  /** Called with the bytes that begin to wait, and with a negative number of those that the network took. */
  waits(bytes: number): void
  /** Called when more bytes wait than allowed: the connection is to be cut. */
  tooSlow(): void
}

export class SocketWire {
  readonly #socket: WebSocket
  readonly #ports: WirePorts
  #waiting: (() => void)[] = []
  #unreadBytes = 0
  #tookLastAt = 0
  /** Bytes of all frames since it was last set to 0. */
  sentBytes = 0

  constructor(socket: WebSocket, ports: WirePorts) {
    this.#socket = socket
    this.#ports = ports
  }

  /** Bytes that the network has not taken. */
  get unreadBytes(): number {
    return this.#unreadBytes
  }

  /** Since when the network has taken nothing; null when nothing waits. */
  get stalledSince(): number | null {
    return this.#unreadBytes === 0 ? null : this.#tookLastAt
  }

  send(data: Uint8Array<ArrayBuffer> | string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    const bytes = data.length
    this.sentBytes += bytes
    if (this.#unreadBytes === 0) this.#tookLastAt = this.#ports.now()
    this.#count(bytes)
    this.#socket.send(data, () => this.#sent(bytes))
    if (this.#socket.bufferedAmount > this.#ports.unreadBytes + bytes) this.#ports.tooSlow()
  }

  /** Resolves when everything sent is with the network, or the connection is over. */
  async flushed(): Promise<void> {
    if (this.#isFlushed()) return
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  close(code: number, reason?: string): void {
    this.#socket.close(code, reason)
  }

  /** To be called when the connection is over. */
  ended(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting = []
  }

  /** Called for each frame when the network has taken it, or never will. */
  #sent(bytes: number): void {
    this.#count(-bytes)
    this.#tookLastAt = this.#ports.now()
    if (this.#waiting.length > 0 && this.#isFlushed()) this.ended()
  }

  #count(bytes: number): void {
    this.#unreadBytes += bytes
    this.#ports.waits(bytes)
  }

  #isFlushed(): boolean {
    return this.#socket.bufferedAmount === 0 || this.#socket.readyState !== this.#socket.OPEN
  }
}
