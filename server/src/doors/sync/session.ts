/**
 * One device on one socket: its sign-on, the order of its frames, and its end. Frames are handled one after another;
 * the changes of others come from `feed.ts`.
 */
import type { Actor } from '@rejoin/shared/access/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { DeviceFrame, type Exchange, type ServerFrame } from '@rejoin/shared/sync/wire.ts'
import { decodeFrame, encodeFrame, type Encoding } from '@rejoin/shared/sync/encoding.ts'
import type { z } from 'zod'
import { keysAt } from '../../core/documents/audience.ts'
import type { Hub } from '../../core/hub.ts'
import type { Log } from '../../core/runtime/log.ts'
import { SerialQueue } from '../../core/runtime/serial-queue.ts'
import { deviceTopic } from '../../slices/devices/queries.ts'
import { headOf } from '../../core/storage/revisions.ts'
import { admitDevice, revoked } from './devices.ts'
import { Feed } from './feed.ts'
import { mustContinue, type Introduction } from './greetings.ts'
import { errorFrame } from './error-frame.ts'
import { receive, type SyncApp } from './exchange.ts'
import type { LiveFrames } from './live.ts'
import type { Person, Presence, Viewer } from './presence.ts'
import { endReconcile, reconcile } from './reconcile.ts'
import type { DeviceConnections } from './device-connections.ts'
import { understood, type Understood } from './versions.ts'

export interface SessionApp extends SyncApp {
  readonly hub: Hub
  readonly live: LiveFrames
  readonly presence: Presence
  readonly connections: DeviceConnections
  readonly log: Log
}

type Outgoing = z.input<typeof ServerFrame>

/** The socket as the session sees it. */
export interface Wire {
  send(data: Uint8Array<ArrayBuffer> | string): void
  /** Resolves when everything sent is with the network, or the connection is over. */
  flushed(): Promise<void>
  close(): void
}

export interface Login {
  readonly actor: Actor
  readonly sessionId: string
}

export class Session implements Viewer {
  readonly #app: SessionApp
  readonly #wire: Wire
  readonly #loginId: string
  readonly person: Person
  #encoding: Encoding = 'cbor'
  /** The introduction of the device. */
  #introduction: Introduction | null = null
  /** The feed to the device; null until its first exchange has been judged. */
  #feed: Feed | null = null
  readonly #queue = new SerialQueue((error) => this.fail(error))
  /** Removes the session from the connections of its device. */
  #forget: () => void = () => {}

  constructor(app: SessionApp, { actor, sessionId }: Login, wire: Wire) {
    this.#app = app
    this.#wire = wire
    this.#loginId = sessionId
    this.person = { id: actor.id, name: actor.name }
  }

  /** Handles a frame. Any fault of it is answered with an `error` frame and ends the session. */
  receive(data: Uint8Array | string): Promise<void> {
    this.#encoding = typeof data === 'string' ? 'json' : 'cbor'
    return this.#queue.next(async () => {
      await this.#app.pace.turn()
      const frame = this.#decode(data)
      if (frame.type === 'ping') this.#send({ type: 'pong' })
      else if (frame.type === 'presence') await this.#view(frame.viewing)
      else await this.#exchange(understood(frame))
    })
  }

  see(ticketId: string, people: readonly Person[]): void {
    this.#send({ type: 'presence', ticketId, people: [...people] })
  }

  /** Sends the reason, and ends the session. */
  fail(error: unknown): void {
    if (this.#queue.ended) return
    if (!(error instanceof Refusal)) this.#app.log.error({ err: error }, 'a sync session failed')
    const refusal = error instanceof Refusal ? error : new Refusal('internal', 'The server failed.', 'Try again later.')
    this.#send(errorFrame(refusal))
    this.end()
    this.#wire.close()
  }

  end(): void {
    if (this.#queue.ended) return
    this.#queue.end()
    if (this.#feed !== null) this.#app.metrics.devices.dec()
    if (this.#introduction !== null) this.#app.contacts.left(this.#introduction.device, this.#app.now())
    this.#feed?.end()
    this.#forget()
    this.#app.presence.view(this, [])
  }

  #decode(data: Uint8Array | string): DeviceFrame {
    let kind = 'unreadable'
    try {
      const frame = decodeFrame(DeviceFrame, data)
      kind = frame.type
      return frame
    } finally {
      this.#app.metrics.frame(kind, 'in', Buffer.byteLength(data))
    }
  }

  async #exchange(exchange: Understood): Promise<void> {
    const { commands } = exchange
    const { admission, metrics } = this.#app
    metrics.exchanges.inc({ door: 'socket' })
    if (this.#introduction === null) this.#admit(exchange)
    else mustContinue(this.#introduction, exchange)
    const isOpening = this.#feed === null
    if (isOpening && (await this.#mustReconcile(exchange))) return
    const received = await admission.withCommands(this.#loginId, commands.length, () =>
      receive(this.#app, this.person.id, exchange),
    )
    // The socket may have closed meanwhile.
    if (this.#queue.ended) return
    const feed = this.#feed ?? this.#beginFeed(exchange)
    await feed.tell({ ...received, held: isOpening ? exchange.held : undefined })
    if (isOpening && exchange.held !== undefined) await endReconcile(this.#app, this.person.id, exchange)
  }

  #beginFeed(exchange: Exchange): Feed {
    const feed = new Feed({
      app: this.#app,
      personId: this.person.id,
      queue: this.#queue,
      send: (batch) => this.#send(batch),
      push: (change) => this.#sendEncoded('batch', this.#app.live.of(change, this.#encoding)),
      flushed: () => this.#wire.flushed(),
    })
    this.#feed = feed
    this.#app.metrics.devices.inc()
    feed.begin(exchange)
    return feed
  }

  #admit(exchange: Exchange): void {
    const { device, greeting } = exchange
    const { hub, connections } = this.#app
    // Subscribes before the device is looked up, so that no revocation is missed in between.
    const unsubscribe = hub.subscribe([deviceTopic(device)], () => this.fail(revoked()))
    this.#forget = unsubscribe
    admitDevice(this.#app, this.person.id, exchange)
    this.#introduction = { device, greeting }
    // The socket may have closed before its first frame was read.
    if (this.#queue.ended) return unsubscribe()
    if (greeting === undefined) return
    const leave = connections.admit(device, greeting, this)
    this.#forget = () => {
      unsubscribe()
      leave()
    }
  }

  /** A device that has diverged from this database is asked for more, until it lists the documents it holds. */
  async #mustReconcile(exchange: Understood): Promise<boolean> {
    const answer = await this.#app.admission.withCommands(this.#loginId, exchange.offered?.length ?? 0, () =>
      reconcile(this.#app, this.person.id, exchange),
    )
    if (answer !== null) this.#send(answer)
    return answer !== null
  }

  async #view(ticketIds: readonly string[]): Promise<void> {
    const { read, presence, admission } = this.#app
    admission.takePresence(this.#loginId)
    const keys = this.#feed?.keys ?? []
    const visible: string[] = []
    for (const ticketId of ticketIds) {
      if ((await keysAt(read, ticketId, keys, headOf(read).cursor)).length > 0) visible.push(ticketId)
    }
    presence.view(this, visible)
  }

  #send(frame: Outgoing): void {
    this.#sendEncoded(frame.type, encodeFrame(frame, this.#encoding))
  }

  #sendEncoded(kind: Outgoing['type'], data: Uint8Array<ArrayBuffer> | string): void {
    if (this.#queue.ended) return
    this.#app.metrics.frame(kind, 'out', Buffer.byteLength(data))
    this.#wire.send(data)
  }
}
