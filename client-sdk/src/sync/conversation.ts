/**
 * The exchange of frames between device and server: which frame answers which, and in which turn of the journal each is
 * sent or taken. `connection.ts` decides when to connect; `dispatch.ts` and `apply-batch.ts` give the frames their
 * effect.
 */
import type { Batch, Incarnation, PresenceReport } from '@rejoin/shared/sync/wire.ts'
import type { Changes } from '../changes.ts'
import type { Environment } from '../environment.ts'
import type { Draft, Journal } from '../ledger/journal.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { wipe } from '../ledger/wipe.ts'
import { readClock } from '../clock.ts'
import { Connection } from './connection.ts'
import { sendHello, offer } from './dispatch.ts'
import { beginGreeting, beginIncarnation } from './identity.ts'
import { Misfit, applyBatch } from './apply-batch.ts'
import { Presence } from './presence.ts'
import { sendNext } from './reconcile.ts'
import type { Session } from './session.ts'

export interface ConversationHost {
  readonly environment: Environment
  /** The URL of the `/sync` door. */
  readonly url: string
  readonly pingMs: number
  readonly changes: Changes
  readonly journal: Journal
  readonly ledger: Ledger
  /** Turns typed text into commands, before its document is replaced or erased. */
  flushTyping(draft: Draft): void
}

export class Conversation {
  readonly connection: Connection
  readonly #presence = new Presence()
  readonly #host: ConversationHost

  constructor(host: ConversationHost) {
    this.#host = host
    this.connection = new Connection({
      environment: host.environment,
      url: host.url,
      pingMs: host.pingMs,
      token: () => host.ledger.meta.value.token,
      opened: (session) => this.#opened(session),
      received: async (session, frame) => {
        if (frame.type === 'batch') await this.#applyBatch(session, frame)
        else this.#takePresence(frame)
      },
      wipe: () => this.#wipe(),
      become: (incarnation) => this.#become(incarnation),
      stateChanged: () => this.#stateChanged(),
    })
  }

  /** Sends what waits, or tries to connect if that has to come first. */
  offer(): void {
    this.connection.nudge()
    this.offerLive()
  }

  /** See `Device.viewing`. */
  view(ticketIds: readonly string[]): void {
    this.#presence.view(ticketIds)
    const { session } = this.connection
    if (session?.hasSentHello === true) session.send(this.#presence.frame)
  }

  /** See `Device.presence`. */
  people(ticketId: string): ReturnType<Presence['people']> {
    return this.#presence.people(ticketId)
  }

  /** Sends what waits, if the server is there. */
  offerLive(): void {
    const { session } = this.connection
    if (session === null || this.connection.state !== 'live') return
    this.#send(session, () => offer(this.#host.ledger, this.#host.environment, session))
  }

  #opened(session: Session): void {
    this.#host.journal
      .turn((draft) => beginGreeting(draft, this.#host.ledger))
      .then(
        () => this.#sendHello(session),
        (error: unknown) => this.connection.fail(session, error),
      )
  }

  #sendHello(session: Session): void {
    this.#send(session, () => {
      sendHello(this.#host.ledger, this.#host.environment, session)
      if (this.#presence.isViewing && !session.isOver) session.send(this.#presence.frame)
      return true
    })
  }

  /** Runs `send` as a turn, so that its commands do not change meanwhile. `send` returns whether an answer is due. */
  #send(session: Session, send: () => boolean): void {
    this.#host.journal.turn(send).then(
      (isAnswerDue) => {
        if (isAnswerDue) this.connection.expectAnswer()
      },
      (error: unknown) => this.connection.fail(session, error),
    )
  }

  async #applyBatch(session: Session, batch: Batch): Promise<void> {
    const { environment, journal, ledger } = this.#host
    const clock = readClock(environment)
    try {
      await journal.turn((draft) => {
        // Text typed into a document that is about to be replaced becomes a command of its own.
        if (batch.enter.length > 0) this.#host.flushTyping(draft)
        applyBatch(draft, ledger, batch, clock, session)
      })
    } catch (error) {
      if (error instanceof Misfit) await this.#askForAll()
      throw error
    }
    if (batch.reconcile === undefined && session.reconciling === null) this.offerLive()
    else this.#send(session, () => sendNext(ledger, environment, session))
  }

  async #wipe(): Promise<void> {
    await this.#host.journal.turn((draft) => {
      // Typed text is waiting work, which a wipe keeps.
      this.#host.flushTyping(draft)
      wipe(draft, this.#host.ledger)
    })
  }

  async #become(incarnation: Incarnation): Promise<void> {
    await this.#host.journal.turn((draft) => beginIncarnation(draft, this.#host.ledger, incarnation))
  }

  async #askForAll(): Promise<void> {
    await this.#host.journal.turn((draft) => this.#host.ledger.meta.update(draft, { epoch: null, tag: null }))
  }

  #takePresence(report: PresenceReport): void {
    this.#presence.report(report)
    this.#host.changes.emit({ kind: 'presence', ticketId: report.ticketId })
  }

  #stateChanged(): void {
    const { state } = this.connection
    this.#host.changes.emit({ kind: 'state', state })
    if (state === 'live') this.offerLive()
    if (this.connection.session !== null) return
    for (const ticketId of this.#presence.clear()) this.#host.changes.emit({ kind: 'presence', ticketId })
  }
}
