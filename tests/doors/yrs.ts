/** A document of yrs, the implementation of Yjs in Rust, as an app that is not written in JavaScript holds it. */
import * as yrs from 'ywasm'
import { decodeMessage, encodeStateVector, encodeUpdate } from '@rejoin/server/doors/yjs/protocol.ts'
import { RawSocket } from './socket.ts'

export class YrsDocument {
  readonly #doc = new yrs.YDoc({})
  readonly #roots = {
    fields: this.#doc.getMap('fields'),
    comments: this.#doc.getArray('comments'),
    work: this.#doc.getArray('work'),
    description: this.#doc.getText('description'),
    notes: this.#doc.getText('notes'),
  }

  take(update: Uint8Array): void {
    yrs.applyUpdate(this.#doc, update, undefined)
  }

  /** Changes the texts, and returns the update that says so. */
  edit(change: (texts: { description: yrs.YText; notes: yrs.YText }) => void): Uint8Array {
    const before = this.stateVector
    change(this.#roots)
    return yrs.encodeStateAsUpdate(this.#doc, before)
  }

  get stateVector(): Uint8Array {
    return yrs.encodeStateVector(this.#doc)
  }

  /** All of it in the second format, which the server does not speak. */
  get stateV2(): Uint8Array {
    return yrs.encodeStateAsUpdateV2(this.#doc)
  }

  /** As `documentValue` of shared. */
  get value(): Record<string, unknown> {
    const { fields, comments, work, description, notes } = this.#roots
    return {
      ...(fields.toJson(undefined) as Record<string, unknown>),
      description: description.toString(undefined),
      notes: notes.toString(undefined),
      comments: comments.toJson(undefined) as unknown,
      work: work.toJson(undefined) as unknown,
    }
  }
}

/** The document at the `/yjs` door. */
export class YrsEditor {
  readonly document = new YrsDocument()
  readonly socket: RawSocket
  #read = 0
  #answers = 0

  private constructor(socket: RawSocket) {
    this.socket = socket
  }

  static async open(url: string, ticketId: string, token: string): Promise<YrsEditor> {
    const editor = new YrsEditor(await RawSocket.open(url, `/yjs/${ticketId}`, token))
    await editor.catchUp()
    return editor
  }

  /** Resolves when the update was judged and all that was committed by then has arrived, or the door is shut. */
  async send(update: Uint8Array): Promise<void> {
    this.socket.send(encodeUpdate(update))
    await this.catchUp()
  }

  async catchUp(): Promise<void> {
    const wanted = this.#answers + 1
    this.socket.send(encodeStateVector(this.document.stateVector))
    await this.socket.until(() => {
      this.#take()
      return this.#answers >= wanted
    })
  }

  #take(): void {
    for (; this.#read < this.socket.messages.length; this.#read += 1) {
      const message = decodeMessage(this.socket.messages[this.#read] as Uint8Array)
      if (message.kind !== 'update') continue
      this.document.take(message.update)
      if (message.isAnswer) this.#answers += 1
    }
  }
}
