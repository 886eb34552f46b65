/**
 * The sending side of a socket, for both doors. What its reader does not take in time waits here up to a limit; behind
 * that the connection is closed, and the reader comes back for what it missed.
 */
import type { WebSocket } from 'ws'

export const CLOSE_UNAVAILABLE = 1013

export class SocketWire {
  readonly #socket: WebSocket
  readonly #limits: { readonly unreadBytes: number }
  readonly #tooSlow: () => void
  #waiting: (() => void)[] = []

  /** `tooSlow` is told that the connection was closed for that. */
  constructor(socket: WebSocket, limits: { readonly unreadBytes: number }, tooSlow: () => void) {
    this.#socket = socket
    this.#limits = limits
    this.#tooSlow = tooSlow
  }

  send(data: Uint8Array<ArrayBuffer> | string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.#socket.send(data, this.#sent)
    if (this.#socket.bufferedAmount <= this.#limits.unreadBytes + data.length) return
    this.close(CLOSE_UNAVAILABLE, 'too-slow')
    this.#tooSlow()
  }

  /** Resolves when what was sent is with the network, or the connection is over. */
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

  /** Called for each frame when it is with the network, or never will be. */
  readonly #sent = (): void => {
    if (this.#waiting.length > 0 && this.#isFlushed()) this.ended()
  }

  #isFlushed(): boolean {
    return this.#socket.bufferedAmount === 0 || this.#socket.readyState !== this.#socket.OPEN
  }
}
