/** How far a message has come that is still on its way: by the bytes of the connection, since the library tells of whole ones. */

/** What the handshake takes, which is no message. */
const PING_BYTES = 16 * 1024
/** Of a short control frame from a client (RFC 6455, section 5.2): with its mask. */
const CONTROL_HEAD_BYTES = 6

export class IncomingBytes {
  readonly #connection: { readonly bytesRead: number }
  readonly #mono: () => number
  /** How many bytes had come when the last whole message was there. */
  #readBefore = 0
  /** Since when a message is on its way, as far as somebody has looked; null when none is. */
  #readSince: number | null = null
  /** How many bytes had come at the last round. */
  #readAtRound: number

  constructor(connection: { readonly bytesRead: number }, mono: () => number) {
    this.#connection = connection
    this.#mono = mono
    this.#readAtRound = connection.bytesRead
  }

  /** A whole message is there. */
  message(): void {
    this.#readBefore = this.#connection.bytesRead
    this.#readSince = null
  }

  control(data: Buffer): void {
    this.#readBefore += CONTROL_HEAD_BYTES + data.length
  }

  get unfinishedSince(): number | null {
    const isUnderWay = this.#connection.bytesRead - this.#readBefore > PING_BYTES
    this.#readSince = isUnderWay ? (this.#readSince ?? this.#mono()) : null
    return this.#readSince
  }

  /** Whether bytes have come since the last round: a message that is on its way is a sign of life, and watched by itself. */
  hasMoved(): boolean {
    const { bytesRead } = this.#connection
    const hasMoved = bytesRead !== this.#readAtRound
    this.#readAtRound = bytesRead
    return hasMoved
  }
}
