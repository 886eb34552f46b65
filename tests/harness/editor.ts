/** A stock y-websocket client with one ticket open, as somebody else's editor would have it. */
import * as Y from 'yjs'
import { WebsocketProvider } from 'y-websocket'
import { documentValue, rootsOf } from '@rejoin/shared/sync/document.ts'
import { TICKET_SHAPE } from '@rejoin/shared/tickets/shape.ts'
import { BEARER_PREFIX } from '@rejoin/shared/sync/wire.ts'
import type { FieldVerdict } from '@rejoin/server/slices/tickets/direct-write.ts'
import type { Person, World } from './world.ts'

interface Heard {
  readonly rejoin?: { readonly verdicts: FieldVerdict[] }
  readonly user?: { readonly id: string; readonly name: string }
}

export class Editor {
  readonly doc = new Y.Doc()
  readonly provider: WebsocketProvider
  /** Everything that the server reported of direct writes, in order. */
  readonly verdicts: FieldVerdict[] = []
  /** Why the server ended the connection for good. */
  closed: { code: number; reason: string } | null = null
  /** How often the client tried to connect. */
  attempts = 0
  readonly #watchers = new Set<() => void>()

  private constructor(world: World, { token }: Pick<Person, 'token'>, ticketId: string) {
    rootsOf(this.doc, TICKET_SHAPE)
    this.provider = new WebsocketProvider(`${world.url.replace(/^http/, 'ws')}/yjs`, ticketId, this.doc, {
      WebSocketPolyfill: WebSocket,
      protocols: [BEARER_PREFIX + token],
      disableBc: true,
      connect: false,
    })
    const { provider, doc } = this
    provider.awareness.on('update', ({ added, updated }: { added: number[]; updated: number[] }) => {
      for (const id of [...added, ...updated]) this.verdicts.push(...(this.#state(id)?.rejoin?.verdicts ?? []))
      this.#look()
    })
    provider.on('closed', (close) => {
      this.closed = { code: close.code, reason: close.reason }
      this.#look()
    })
    provider.on('status', ({ status }) => {
      if (status === 'connecting') this.attempts += 1
      this.#look()
    })
    provider.on('sync', () => this.#look())
    doc.on('update', () => this.#look())
  }

  /** Resolves when the document is there, or the server has ended the connection. */
  static async open(world: World, person: Pick<Person, 'token'>, ticketId: string): Promise<Editor> {
    const editor = new Editor(world, person, ticketId)
    await editor.connect()
    return editor
  }

  async connect(): Promise<void> {
    this.closed = null
    this.provider.connect()
    await this.until(() => this.provider.synced || this.closed !== null)
  }

  disconnect(): void {
    this.provider.disconnect()
  }

  get fields(): Y.Map<unknown> {
    return rootsOf(this.doc, TICKET_SHAPE).fields
  }

  get description(): Y.Text {
    return this.doc.getText('description')
  }

  get value(): Record<string, unknown> {
    return documentValue(this.doc, TICKET_SHAPE)
  }

  /** Who else is in the room, by the names under which the server lets them speak. */
  get others(): string[] {
    const ids = [...this.provider.awareness.getStates().keys()].filter((id) => id !== this.doc.clientID)
    return ids.flatMap((id) => this.#state(id)?.user?.name ?? []).toSorted()
  }

  /** Resolves when `isTrue` holds, looking again whenever something has arrived. */
  async until(isTrue: () => boolean): Promise<void> {
    if (isTrue()) return
    await new Promise<void>((resolve) => {
      const watcher = () => {
        if (!isTrue()) return
        this.#watchers.delete(watcher)
        resolve()
      }
      this.#watchers.add(watcher)
    })
  }

  [Symbol.dispose](): void {
    this.provider.destroy()
    this.doc.destroy()
  }

  #state(clientId: number): Heard | undefined {
    return this.provider.awareness.getStates().get(clientId)
  }

  #look(): void {
    for (const watcher of this.#watchers) watcher()
  }
}
