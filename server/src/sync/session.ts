/**
 * One device on one socket. Frames are handled one after the other. A committed change goes out as it is when it is all
 * that the device misses; what is committed meanwhile, or moves its scope, is read from the log from the session's own
 * cursor, so a missed wake-up loses nothing.
 */
import { scopeKeysOf, type Actor } from '@rejoin/shared/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import {
  DeviceFrame,
  decodeFrame,
  encodeFrame,
  type Encoding,
  type Exchange,
  type ServerFrame,
} from '@rejoin/shared/wire.ts'
import type { z } from 'zod'
import { getActor, userTopic } from '../accounts/queries.ts'
import { keysAt } from '../core/documents/audience.ts'
import { EVERYBODY, type DocumentChange, type Hub, type News } from '../core/hub.ts'
import type { Log } from '../core/log.ts'
import { Turns } from '../core/turns.ts'
import { deviceTopic } from '../devices/queries.ts'
import type { Admission } from './admission.ts'
import { headOf, type Position } from './catch-up.ts'
import { meetDevice, revoked } from './devices.ts'
import { mustContinue, type Introduction } from './greetings.ts'
import { errorFrame } from './error-frame.ts'
import { batches, receive, standing, type SyncApp } from './exchange.ts'
import { continues, type LiveFrames } from './live.ts'
import type { Person, Presence, Viewer } from './presence.ts'
import { endReconcile, reconcile } from './reconcile.ts'
import type { Speakers } from './speakers.ts'
import { understood } from './versions.ts'

export interface SessionApp extends SyncApp {
  readonly hub: Hub
  readonly admission: Admission
  readonly live: LiveFrames
  readonly presence: Presence
  readonly speakers: Speakers
  readonly log: Log
}

type Outgoing = z.input<typeof ServerFrame>

/** The socket as the session sees it. */
export interface Wire {
  send(data: Uint8Array<ArrayBuffer> | string): void
  /** Resolves when what was sent is with the network, or the connection is over. */
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
  /** The first words of the device. */
  #met: Introduction | null = null
  /** Its ids, in this life first; null until it was told what it missed. */
  #lives: readonly string[] | null = null
  #position: Position | null = null
  readonly #turns = new Turns((error) => this.fail(error))
  /** Those of the scope that it listens to; null until then. */
  #keys: ReadonlySet<string> | null = null
  #woken = false
  /** The last commit that may concern the device, as far as the session heard. */
  #heard = 0
  #unsubscribe: () => void = () => {}
  /** Takes the session out of those that speak for its device. */
  #forget: () => void = () => {}

  constructor(app: SessionApp, { actor, sessionId }: Login, wire: Wire) {
    this.#app = app
    this.#wire = wire
    this.#loginId = sessionId
    this.person = { id: actor.id, name: actor.name }
  }

  /** Handles a frame. Whatever is wrong with it is answered with an `error` frame and the end of the session. */
  receive(data: Uint8Array | string): Promise<void> {
    this.#encoding = typeof data === 'string' ? 'json' : 'cbor'
    return this.#turns.next(async () => {
      const frame = this.#decode(data)
      if (frame.type === 'presence') await this.#view(frame.viewing)
      else await this.#exchange(understood(frame))
    })
  }

  see(ticketId: string, people: readonly Person[]): void {
    this.#send({ type: 'presence', ticketId, people: [...people] })
  }

  /** Says why, and ends the session. */
  fail(error: unknown): void {
    if (this.#turns.ended) return
    if (!(error instanceof Refusal)) this.#app.log.error({ err: error }, 'a sync session failed')
    const refusal = error instanceof Refusal ? error : new Refusal('internal', 'The server failed.', 'Try again later.')
    this.#send(errorFrame(refusal))
    this.end()
    this.#wire.close()
  }

  end(): void {
    if (this.#turns.ended) return
    if (this.#lives !== null) this.#app.metrics.devices.dec()
    this.#turns.end()
    this.#unsubscribe()
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
      this.#app.metrics.frame(kind, 'in', data.length)
    }
  }

  async #exchange(exchange: Exchange): Promise<void> {
    const { commands } = exchange
    const { admission, metrics } = this.#app
    metrics.exchanges.inc({ door: 'socket' })
    if (this.#met === null) await this.#meet(exchange)
    else mustContinue(this.#met, exchange)
    const opening = this.#lives === null
    if (opening && (await this.#mustReconcile(exchange))) return
    const received = await admission.withCommands(this.#loginId, commands.length, () =>
      receive(this.#app, this.person.id, exchange),
    )
    // The socket may have closed meanwhile.
    if (this.#turns.ended) return
    if (opening) metrics.devices.inc()
    this.#lives = received.lives
    if (opening) {
      this.#position = await standing(this.#app, exchange)
      this.#listen(scopeKeysOf(await getActor(this.#app.read, this.person.id)))
    }
    await this.#tell({ ...received, held: opening ? exchange.held : undefined })
    if (opening && exchange.held !== undefined) await endReconcile(this.#app, this.person.id, exchange)
  }

  async #meet(exchange: Exchange): Promise<void> {
    const { device, greeting } = exchange
    const { hub, speakers } = this.#app
    // From before it is asked about, so that nothing falls between.
    const unsubscribe = hub.subscribe([deviceTopic(device)], () => this.fail(revoked()))
    this.#forget = unsubscribe
    await meetDevice(this.#app, this.person.id, exchange)
    this.#met = { device, greeting }
    if (greeting === undefined || this.#turns.ended) return
    const leave = speakers.admit(device, greeting, this)
    this.#forget = () => {
      unsubscribe()
      leave()
    }
  }

  /** A device that has parted from this database is asked on, until it says what it holds. */
  async #mustReconcile(exchange: Exchange): Promise<boolean> {
    const answer = await this.#app.admission.withCommands(this.#loginId, exchange.offered?.length ?? 0, () =>
      reconcile(this.#app, this.person.id, exchange),
    )
    if (answer !== null) this.#send(answer)
    return answer !== null
  }

  async #tell(news: Parameters<typeof batches>[3]): Promise<void> {
    for await (const { batch, position, keys } of batches(this.#app, this.person.id, this.#position, news)) {
      this.#send(batch)
      if (batch.more === true) {
        await this.#wire.flushed()
        continue
      }
      this.#position = position
      this.#listen(keys)
    }
  }

  /** Whatever else touches a scope with other keys than before is read from the log. */
  #listen(scopeKeys: readonly string[]): void {
    const keys = new Set(scopeKeys)
    const { hub, read } = this.#app
    if (keys.size === this.#keys?.size && keys.isSubsetOf(this.#keys)) return
    const isFirst = this.#keys === null
    this.#unsubscribe()
    this.#keys = keys
    this.#unsubscribe = hub.subscribe([...keys, userTopic(this.person.id), EVERYBODY], (news) => this.#hear(news))
    if (!isFirst) this.#wake(headOf(read).cursor)
  }

  #hear(news: News): void {
    const position = this.#position
    const isNext =
      this.#turns.areIdle && position !== null && this.#keys !== null && continues(news, position, this.#keys)
    if (isNext) this.#push(news.changes.filter(({ seq }) => seq > position.cursor))
    else this.#wake(news.seq)
  }

  #push(changes: readonly DocumentChange[]): void {
    const { live, metrics } = this.#app
    for (const change of changes) {
      metrics.catchUps.inc({ mode: 'live' })
      this.#sendEncoded('batch', live.of(change, this.#encoding))
      this.#position = { cursor: change.seq, tag: change.tag }
    }
  }

  #wake(seq: number): void {
    this.#heard = seq
    if (this.#woken) return
    this.#woken = true
    void this.#turns.next(async () => {
      this.#woken = false
      if (this.#lives === null || (this.#position !== null && this.#heard <= this.#position.cursor)) return
      await this.#tell({ lives: this.#lives, verdicts: [], resend: new Set() })
    })
  }

  async #view(ticketIds: readonly string[]): Promise<void> {
    const { read, presence } = this.#app
    const keys = [...(this.#keys ?? [])]
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
    if (this.#turns.ended) return
    this.#app.metrics.frame(kind, 'out', data.length)
    this.#wire.send(data)
  }
}
