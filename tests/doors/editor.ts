/** A Yjs client on one ticket, in the raw: it sees each verdict and the reason for which it is shown the door. */
import * as Y from 'yjs'
import { documentValue } from '@rejoin/shared/sync/document.ts'
import { TICKET_SHAPE } from '@rejoin/shared/tickets/shape.ts'
import {
  decodeMessage,
  encodeMissing,
  encodeStateVector,
  encodeUpdate,
  readAwareness,
} from '@rejoin/server/doors/yjs/protocol.ts'
import { RawSocket, type Closed } from './socket.ts'

export interface FieldVerdict {
  readonly field: string
  readonly outcome: string
  readonly code?: string
}

export class RawEditor {
  readonly doc = new Y.Doc()
  readonly verdicts: FieldVerdict[] = []
  readonly socket: RawSocket
  #read = 0
  #answers = 0

  private constructor(socket: RawSocket) {
    this.socket = socket
  }

  /** Resolves when the document is here, or the door was shut. */
  static async open(url: string, ticketId: string, token?: string): Promise<RawEditor> {
    const editor = new RawEditor(await RawSocket.open(url, `/yjs/${ticketId}`, token))
    await editor.fence()
    return editor
  }

  get closed(): Closed | null {
    return this.socket.closed
  }

  /** Changes the document and sends the change. Resolves when it was judged, or the door was shut. */
  async write(change: (doc: Y.Doc) => void): Promise<void> {
    const before = Y.encodeStateVector(this.doc)
    this.doc.transact(() => change(this.doc))
    await this.sendUpdate(Y.encodeStateAsUpdate(this.doc, before))
  }

  async sendUpdate(update: Uint8Array): Promise<void> {
    this.socket.send(encodeUpdate(update))
    await this.fence()
  }

  /** Messages are answered in order, so the answer to a question put now comes after everything before it. */
  async fence(): Promise<void> {
    const wanted = this.#answers + 1
    this.socket.send(encodeStateVector(Y.encodeStateVector(this.doc)))
    await this.socket.until(() => {
      this.#take()
      return this.#answers >= wanted
    })
    this.#take()
  }

  value(): Record<string, unknown> {
    this.#take()
    return documentValue(this.doc, TICKET_SHAPE)
  }

  async close(): Promise<void> {
    await this.socket.close()
  }

  #take(): void {
    for (const data of this.socket.messages.slice(this.#read)) {
      const message = decodeMessage(typeof data === 'string' ? new TextEncoder().encode(data) : data)
      if (message.kind === 'update') Y.applyUpdate(this.doc, message.update)
      if (message.kind === 'awareness') this.#hear(message.update)
      if (message.kind === 'update' && message.isAnswer) this.#answers += 1
      if (message.kind === 'state-vector') this.#answer(message.stateVector)
    }
    this.#read = this.socket.messages.length
  }

  #answer(stateVector: Uint8Array): void {
    this.socket.send(encodeMissing(Y.encodeStateAsUpdate(this.doc, stateVector)))
  }

  #hear(awareness: Uint8Array): void {
    for (const { state } of readAwareness(awareness)) {
      const { rejoin } = (state ?? {}) as { rejoin?: { verdicts: FieldVerdict[] } }
      if (rejoin !== undefined) this.verdicts.push(...rejoin.verdicts)
    }
  }
}
