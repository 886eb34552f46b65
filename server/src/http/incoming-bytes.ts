/**
 * The progress of an unfinished message, by the bytes of the connection, since the library reports only whole messages.
 */

/** Bytes of the handshake, which is no message, and of short control frames. */
const PING_BYTES = 16 * 1024
/** The head of a short control frame from a client (RFC 6455, section 5.2), with its mask. */
const CONTROL_HEAD_BYTES = 6

export class IncomingBytes {
  readonly #connection: { readonly bytesRead: number }
  readonly #mono: () => number
  /** The bytes received when the last whole message was complete. */
  #readBefore = 0
  /** Since when a message has been under way, as of the last check; null if none is. */
  #readSince: number | null = null
  /** The bytes received at the last round. */
  #readAtRound: number

  constructor(connection: { readonly bytesRead: number }, mono: () => number) {
    this.#connection = connection
    this.#mono = mono
    this.#readAtRound = connection.bytesRead
  }

  /** Called for each whole message. */
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

  /** Whether bytes have arrived since the last round: a message under way is a sign of life, and watched separately. */
  hasMoved(): boolean {
    const { bytesRead } = this.#connection
    const hasMoved = bytesRead !== this.#readAtRound
    this.#readAtRound = bytesRead
    return hasMoved
  }
}
