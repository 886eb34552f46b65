/**
 * One device on one socket. Frames are handled one after the other; what is committed meanwhile is read from the log
 * from the session's own cursor, so a missed wake-up loses nothing.
 */
import { scopeKeysOf, type Actor } from '@rejoin/shared/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { DeviceFrame, decodeFrame, type Encoding, type Exchange, type ServerFrame } from '@rejoin/shared/wire.ts'
import type { z } from 'zod'
import { getActor, userTopic } from '../accounts/queries.ts'
import type { Hub } from '../core/hub.ts'
import type { Log } from '../core/log.ts'
import { Turns } from '../core/turns.ts'
import { headOf, type Position } from './catch-up.ts'
import { batches, receive, standing, type SyncApp } from './exchange.ts'
import type { Person, Presence, Viewer } from './presence.ts'

export interface SessionApp extends SyncApp {
  readonly hub: Hub
  readonly presence: Presence
  readonly log: Log
}

type Outgoing = z.input<typeof ServerFrame>

/** The socket as the session sees it. */
export interface Wire {
  send(frame: Outgoing, encoding: Encoding): void
  close(): void
}

export class Session implements Viewer {
  readonly #app: SessionApp
  readonly #wire: Wire
  readonly person: Person
  #actor: Actor
  #encoding: Encoding = 'cbor'
  #deviceId: string | null = null
  #position: Position | null = null
  readonly #turns = new Turns((error) => this.fail(error))
  #woken = false
  #unsubscribe: () => void = () => {}

  constructor(app: SessionApp, actor: Actor, wire: Wire) {
    this.#app = app
    this.#actor = actor
    this.#wire = wire
    this.person = { id: actor.id, name: actor.name }
  }

  /** Handles a frame. Whatever is wrong with it is answered with an `error` frame and the end of the session. */
  receive(data: Uint8Array | string): Promise<void> {
    this.#encoding = typeof data === 'string' ? 'json' : 'cbor'
    return this.#turns.next(async () => {
      const frame = decodeFrame(DeviceFrame, data)
      if (frame.type === 'presence') await this.#view(frame.viewing)
      else await this.#exchange(frame)
    })
  }

  see(ticketId: string, people: readonly Person[]): void {
    this.#send({ type: 'presence', ticketId, people: [...people] })
  }

  /** Says why, and ends the session. */
  fail(error: unknown): void {
    if (this.#turns.ended) return
    if (!(error instanceof Refusal)) this.#app.log.error({ err: error }, 'a sync session failed')
    const { code, message, hint } =
      error instanceof Refusal ? error : new Refusal('internal', 'The server failed.', 'Try again later.')
    this.#send({ type: 'error', code, message, hint })
    this.end()
    this.#wire.close()
  }

  end(): void {
    this.#turns.end()
    this.#unsubscribe()
    this.#app.presence.view(this, [])
  }

  async #exchange(exchange: Exchange): Promise<void> {
    const { device } = exchange
    if (this.#deviceId !== null && device !== this.#deviceId) {
      throw new Refusal('foreign-device', 'One socket speaks for one device.', 'Open another socket.')
    }
    const opening = this.#deviceId === null
    const received = await receive(this.#app, this.#actor.id, exchange)
    this.#deviceId = device
    await this.#refreshActor()
    if (opening) {
      this.#position = await standing(this.#app, this.#actor.id, exchange)
      this.#subscribe()
    }
    await this.#tell(received)
  }

  async #tell(news: Parameters<typeof batches>[3]): Promise<void> {
    for await (const { position, ...batch } of batches(this.#app, this.#actor, this.#position, news)) {
      this.#send(batch)
      if (batch.more !== true) this.#position = position
    }
  }

  #subscribe(): void {
    this.#unsubscribe()
    const topics = [...scopeKeysOf(this.#actor), userTopic(this.#actor.id)]
    this.#unsubscribe = this.#app.hub.subscribe(topics, () => this.#wake())
  }

  #wake(): void {
    if (this.#woken) return
    this.#woken = true
    void this.#turns.next(async () => {
      this.#woken = false
      await this.#pushNews()
    })
  }

  async #pushNews(): Promise<void> {
    const { cursor } = await headOf(this.#app.read)
    if (this.#position !== null && cursor <= this.#position.cursor) return
    const before = scopeKeysOf(this.#actor).join()
    await this.#refreshActor()
    if (scopeKeysOf(this.#actor).join() !== before) {
      this.#position = null
      this.#subscribe()
    }
    await this.#tell({ verdicts: [], resend: new Set() })
  }

  async #refreshActor(): Promise<void> {
    this.#actor = await getActor(this.#app.read, this.#actor.id)
  }

  async #view(ticketIds: readonly string[]): Promise<void> {
    const visible: string[] = []
    for (const ticketId of ticketIds) if (await this.#holds(ticketId)) visible.push(ticketId)
    this.#app.presence.view(this, visible)
  }

  async #holds(ticketId: string): Promise<boolean> {
    const keys = scopeKeysOf(this.#actor)
    if (keys.length === 0) return false
    const select = this.#app.read.selectFrom('audience').select('key').where('documentId', '=', ticketId)
    const row = await select.where('key', 'in', keys).where('toSeq', 'is', null).executeTakeFirst()
    return row !== undefined
  }

  #send(frame: Outgoing): void {
    if (!this.#turns.ended) this.#wire.send(frame, this.#encoding)
  }
}
