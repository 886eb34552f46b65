/**
 * One stock Yjs client on one ticket. It gets the whole document and every committed change; its writes are committed
 * before anybody else hears of them, and a forbidden write ends the connection.
 */
import { may, relationsOf, type Actor } from '@rejoin/shared/access/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { getActor, userTopic } from '../../slices/accounts/queries.ts'
import { bornAt } from '../../core/documents/generations.ts'
import { documentTopic, type Hub } from '../../core/hub.ts'
import type { Log } from '../../core/runtime/log.ts'
import type { Pace } from '../../core/runtime/pace.ts'
import { SerialQueue } from '../../core/runtime/serial-queue.ts'
import type { Admission } from '../sync/admission.ts'
import type { Presence } from '../sync/presence.ts'
import { getTicket, notFound } from '../../slices/tickets/queries.ts'
import { mergeDocument, type FieldVerdict } from '../../slices/tickets/direct-write.ts'
import { getWhole, missingFrom, rebuiltMeanwhile, type AnsweringApp } from './answering.ts'
import { closeCodeOf, reasonOf, refusalOf, type Refused } from './close-codes.ts'
import * as protocol from './protocol.ts'
import type { Member, Rooms } from './rooms.ts'
import { Writing } from './writing.ts'

export interface EditorApp extends AnsweringApp {
  readonly hub: Hub
  readonly rooms: Rooms
  readonly pace: Pace
  readonly presence: Presence
  readonly admission: Admission
  readonly log: Log
  /** The Yjs client id under which the server itself writes. */
  readonly clientId: number
  /** For durations, ms. */
  mono(): number
  now(): number
}

/** The server's own awareness state. */
interface ServerState {
  readonly verdicts: readonly FieldVerdict[]
  /** Why the connection ends. */
  readonly refused?: Refused
}

interface Opening {
  readonly ticketId: string
  readonly sessionId: string
  readonly wire: { send(data: Uint8Array<ArrayBuffer>): void; close(code: number, reason: string): void }
}

export class Editor implements Member {
  readonly #app: EditorApp
  readonly #ticketId: string
  readonly #sessionId: string
  readonly #wire: Opening['wire']
  readonly person: Member['person']
  readonly #queue = new SerialQueue((error) => this.fail(error))
  readonly #writing: Writing
  #leave: () => void = () => {}

  constructor(app: EditorApp, actor: Actor, { ticketId, sessionId, wire }: Opening) {
    this.#app = app
    this.#ticketId = ticketId
    this.#sessionId = sessionId
    this.#wire = wire
    this.person = { id: actor.id, name: actor.name }
    this.#writing = new Writing({
      now: app.mono,
      merge: (update) => this.#merge(update),
      ask: () => this.#ask(),
      flush: () => void this.#queue.next(() => this.#writing.store()),
    })
  }

  /** Opens the ticket, or closes the connection with the reason. */
  open(): Promise<void> {
    return this.#queue.next(async () => {
      await this.#app.pace.turn()
      this.#mustSee()
      const { read, hub, rooms, presence } = this.#app
      // The document may have to be rebuilt first.
      const { stateVector } = await getWhole(this.#app, this.#ticketId)
      if (this.#queue.ended) return
      const since = bornAt(read, this.#ticketId)
      const unsubscribe = hub.subscribe([documentTopic(this.#ticketId), userTopic(this.person.id)], ({ changes }) => {
        const own = changes.filter(({ documentId }) => documentId === this.#ticketId)
        void this.#queue.next(() => {
          this.#mustSee()
          if (bornAt(this.#app.read, this.#ticketId) > since) throw rebuiltMeanwhile()
          for (const { update } of own) this.#send(protocol.encodeUpdate(update))
        })
      })
      const viewer = { person: this.person, see: () => {} }
      presence.view(viewer, [this.#ticketId])
      rooms.join(this.#ticketId, this)
      this.#leave = () => {
        unsubscribe()
        presence.view(viewer, [])
        rooms.leave(this.#ticketId, this)
      }
      this.#send(protocol.encodeStateVector(stateVector))
    })
  }

  receive(data: Uint8Array): Promise<void> {
    return this.#queue.next(async () => {
      await this.#app.pace.turn()
      const message = protocol.decodeMessage(data)
      switch (message.kind) {
        case 'state-vector':
          await this.#writing.store()
          await this.#sendMissing(message.stateVector)
          break
        case 'update':
          if (message.isAnswer) await this.#writing.takeAnswer(message.update)
          else await this.#writing.take(message.update)
          break
        case 'awareness':
          this.#writing.assertInTime()
          this.#relay(protocol.readAwareness(message.update))
          // Clients hang up on a server that sends nothing for half a minute, and only messages count.
          this.#send(protocol.NOBODY)
          break
        case 'query-awareness':
          this.#charge(this.#app.rooms.sendStates(this.#ticketId, this))
          break
      }
    })
  }

  receiveAwareness(awareness: Uint8Array): void {
    this.#send(protocol.encodeAwareness(awareness))
  }

  /** The client has hung up. Its earlier messages are still processed. */
  end(): void {
    this.#leave()
    this.#writing.end()
    void this.#queue.next(async () => {
      await this.#writing.store()
      this.#queue.end()
      this.#noteHeld()
    })
  }

  fail(error: unknown): void {
    if (this.#queue.ended) return
    if (!(error instanceof Refusal)) this.#app.log.error({ err: error }, 'an editor session failed')
    if (error instanceof Refusal) this.#sendState({ verdicts: [], refused: refusalOf(error) })
    this.#queue.end()
    this.#leave()
    this.#writing.end()
    this.#wire.close(closeCodeOf(error), reasonOf(error))
    // Earlier typing is not part of the failure.
    this.#writing
      .store()
      .catch((reason: unknown) => this.#app.log.warn({ err: reason }, 'the last typing is not stored'))
  }

  /** The client still has the updates that it wrote before it hung up, and brings them if it comes back. */
  #noteHeld(): void {
    const { held: updates } = this.#writing
    if (updates === 0) return
    const { log } = this.#app
    log.warn({ ticketId: this.#ticketId, updates }, 'an editor disconnected before its updates were merged')
  }

  #mustSee(): void {
    const { read } = this.#app
    const actor = getActor(read, this.person.id)
    const ticket = getTicket(read, this.#ticketId)
    if (!may(actor, 'ticket.read-internal', relationsOf(actor, ticket))) throw notFound(this.#ticketId)
  }

  async #sendMissing(stateVector: Uint8Array): Promise<void> {
    const answer = protocol.encodeMissing(await missingFrom(this.#app, this.#ticketId, stateVector))
    this.#charge(answer.length)
    this.#send(answer)
  }

  /** Asks the client for the updates that the server lacks. */
  async #ask(): Promise<void> {
    const { stateVector } = await getWhole(this.#app, this.#ticketId)
    this.#send(protocol.encodeStateVector(stateVector))
  }

  /** An answer costs the client as much as a message of the same size. */
  #charge(bytes: number): void {
    this.#app.admission.takeAnswer(this.#sessionId, bytes)
  }

  async #merge(update: Uint8Array): Promise<void> {
    const input = { ticketId: this.#ticketId, update }
    const { output } = await this.#app.commits.commitOrThrow(mergeDocument, input, { actorId: this.person.id })
    if (output.verdicts.length > 0) this.#sendState({ verdicts: output.verdicts })
  }

  /** Clients repeat the awareness states that they hear; the server's own state is not theirs. */
  #relay(entries: readonly protocol.AwarenessEntry[]): void {
    const { rooms, clientId: serverId } = this.#app
    const own = entries.filter(({ clientId }) => clientId !== serverId)
    rooms.relay(this.#ticketId, this, own)
  }

  /** Decisions of the rules travel as the server's own awareness state, which every stock client can read. */
  #sendState(state: ServerState): void {
    this.#app.rooms.sendState(this, this.#app.clientId, { rejoin: state })
  }

  #send(data: Uint8Array<ArrayBuffer>): void {
    if (!this.#queue.ended) this.#wire.send(data)
  }
}
