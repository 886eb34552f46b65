/** A y-websocket client of any version with one ticket open, left to its own ways of coming back. */
import { WebsocketProvider as Version1_3 } from 'y-websocket-1.3'
import { WebsocketProvider as Version1_4 } from 'y-websocket-1.4'
import { WebsocketProvider as Version1_5 } from 'y-websocket-1.5'
import { WebsocketProvider as Version2_1 } from 'y-websocket-2.1'
import { WebsocketProvider as Version3_0 } from 'y-websocket-3.0'
import { WebsocketProvider as Version3_1 } from 'y-websocket'
import { v7 } from 'uuid'
import * as Y from 'yjs'
import { BEARER_PREFIX } from '@rejoin/shared/sync/wire.ts'
import type { Person } from './world.ts'

const PROVIDERS = {
  '1.3.18': Version1_3,
  '1.4.6': Version1_4,
  '1.5.4': Version1_5,
  '2.1.0': Version2_1,
  '3.0.0': Version3_0,
  '3.1.0': Version3_1,
}

export type Version = keyof typeof PROVIDERS

export const VERSIONS = Object.keys(PROVIDERS) as Version[]

interface Word {
  readonly verdicts: readonly unknown[]
  readonly refused?: { readonly code: string; readonly message: string }
}

type Provider = Pick<Version3_1, 'synced' | 'awareness' | 'bcChannel' | 'connect' | 'destroy' | 'on'>

export class StockClient {
  readonly doc = new Y.Doc()
  readonly provider: Provider
  /** How often it asked for a connection, and how often it got one. */
  readonly attempts: WebSocket[] = []
  opened = 0
  /** How each connection ended. */
  readonly closed: { code: number; reason: string }[] = []
  /** What the server said of its own. */
  readonly words: Word[] = []
  /** Called whenever it has got a connection, before it has said anything, and whenever it has lost one. */
  onLine: () => void = () => undefined
  readonly #watchers = new Set<() => void>()

  constructor(version: Version, { url, token }: { url: string; token: string }, ticketId: string) {
    const knock = (line: WebSocket) => this.#knock(line)
    /** The first versions have no way to say who they are but a cookie. */
    class Line extends WebSocket {
      constructor(address: string | URL) {
        super(address, [BEARER_PREFIX + token])
        knock(this)
      }
    }
    this.provider = new PROVIDERS[version](`${url.replace(/^http/, 'ws')}/yjs`, ticketId, this.doc, {
      WebSocketPolyfill: Line,
      connect: false,
    })
    const { provider } = this
    // Each in a browser of its own: those in one browser tell each other what they write.
    provider.bcChannel = v7()
    provider.on('status', ({ status }) => {
      if (status !== 'connecting') this.onLine()
      this.#look()
    })
    provider.on('sync', () => this.#look())
    this.doc.on('update', () => this.#look())
    provider.awareness.on('update', ({ added, updated }: { added: number[]; updated: number[] }) => {
      for (const id of [...added, ...updated]) this.#hear(id)
      this.#look()
    })
    provider.connect()
  }

  /** Resolves when the document is there. */
  static async open(version: Version, person: Person, { url, ticketId }: { url: string; ticketId: string }) {
    const client = new StockClient(version, { url, token: person.token }, ticketId)
    await client.until(() => client.provider.synced)
    return client
  }

  get notes(): Y.Text {
    return this.doc.getText('notes')
  }

  /** Types at the end, each letter by itself. */
  type(text: string): void {
    for (const letter of text) this.notes.insert(this.notes.length, letter)
  }

  /** Whether it waits for a connection that it has asked for. */
  get isWaiting(): boolean {
    return this.attempts.at(-1)?.readyState === WebSocket.CONNECTING
  }

  /** Resolves when `isTrue` holds, looking again whenever something has happened. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>((resolve) => this.#watchers.add(resolve))
  }

  [Symbol.dispose](): void {
    this.provider.destroy()
    this.doc.destroy()
  }

  #knock(line: WebSocket): void {
    this.attempts.push(line)
    line.addEventListener('open', () => {
      this.opened += 1
      this.#look()
    })
    line.addEventListener('close', ({ code, reason }) => {
      this.closed.push({ code, reason })
      this.#look()
    })
    this.#look()
  }

  #hear(clientId: number): void {
    const { rejoin } = (this.provider.awareness.getStates().get(clientId) ?? {}) as { rejoin?: Word }
    if (rejoin !== undefined) this.words.push(rejoin)
  }

  #look(): void {
    for (const watcher of this.#watchers) watcher()
    this.#watchers.clear()
  }
}
