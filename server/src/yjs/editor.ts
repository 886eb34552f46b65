/**
 * One stock Yjs client on one ticket. It gets the whole document and every committed change; what it writes is
 * committed before anybody else hears of it, and what may not be written ends the connection.
 */
import { sql } from 'kysely'
import * as Y from 'yjs'
import { may, relationsOf, type Actor } from '@rejoin/shared/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { getActor, userTopic } from '../accounts/queries.ts'
import { bornAt } from '../core/documents/generations.ts'
import type { Healing } from '../core/heal.ts'
import { documentTopic, type Hub } from '../core/hub.ts'
import { SYSTEM_ID } from '../core/ids.ts'
import type { Log } from '../core/log.ts'
import type { Pace } from '../core/pace.ts'
import { Turns } from '../core/turns.ts'
import type { Admission } from '../sync/admission.ts'
import type { Presence } from '../sync/presence.ts'
import { getTicket, notFound } from '../tickets/queries.ts'
import { mergeDocument, type FieldVerdict } from '../tickets/commands/direct-write.ts'
import { closeCodeOf, reasonOf } from './close-codes.ts'
import * as protocol from './protocol.ts'
import type { Member, Rooms } from './rooms.ts'
import { isTyping, Typing } from './typing.ts'
import type { Whole, WholeDocuments } from './whole-documents.ts'

export interface EditorApp extends Healing {
  readonly hub: Hub
  readonly rooms: Rooms
  readonly wholeDocuments: WholeDocuments
  readonly pace: Pace
  readonly presence: Presence
  readonly admission: Admission
  readonly log: Log
  /** The Yjs client id under which the server itself writes. */
  readonly clientId: number
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
  readonly #turns = new Turns((error) => this.fail(error))
  readonly #typing = new Typing(() => void this.#turns.next(() => this.#store()))
  #leave: () => void = () => {}

  constructor(app: EditorApp, actor: Actor, { ticketId, sessionId, wire }: Opening) {
    this.#app = app
    this.#ticketId = ticketId
    this.#sessionId = sessionId
    this.#wire = wire
    this.person = { id: actor.id, name: actor.name }
  }

  /** Opens the ticket, or closes the connection with the reason. */
  open(): Promise<void> {
    return this.#turns.next(async () => {
      await this.#app.pace.turn()
      await this.#mustSee()
      const { read, hub, rooms, presence } = this.#app
      // It may have to be rebuilt first.
      const { stateVector } = await this.#whole()
      if (this.#turns.ended) return
      const since = bornAt(read, this.#ticketId)
      const unsubscribe = hub.subscribe([documentTopic(this.#ticketId), userTopic(this.person.id)], ({ changes }) => {
        const own = changes.filter(({ documentId }) => documentId === this.#ticketId)
        void this.#turns.next(async () => {
          await this.#mustSee()
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
    return this.#turns.next(async () => {
      await this.#app.pace.turn()
      const message = protocol.decodeMessage(data)
      switch (message.kind) {
        case 'state-vector':
          await this.#store()
          await this.#sendMissing(message.stateVector)
          break
        case 'update':
          await this.#take(message.update)
          break
        case 'awareness':
          this.#say(protocol.readAwareness(message.update))
          break
        case 'query-awareness':
          this.#charge(this.#app.rooms.recall(this.#ticketId, this))
          break
      }
    })
  }

  hear(awareness: Uint8Array): void {
    this.#send(protocol.encodeAwareness(awareness))
  }

  /** The client has hung up. What it has said is still taken. */
  end(): void {
    this.#leave()
    this.#typing.end()
    void this.#turns.next(async () => {
      await this.#store()
      this.#turns.end()
    })
  }

  fail(error: unknown): void {
    if (this.#turns.ended) return
    if (!(error instanceof Refusal)) this.#app.log.error({ err: error }, 'an editor session failed')
    this.#turns.end()
    this.#leave()
    this.#typing.end()
    this.#wire.close(closeCodeOf(error), reasonOf(error))
    // What was typed before that is not what failed.
    this.#store().catch((reason: unknown) => this.#app.log.warn({ err: reason }, 'what was typed last is not stored'))
  }

  async #mustSee(): Promise<void> {
    const { read } = this.#app
    const actor = await getActor(read, this.person.id)
    const ticket = getTicket(read, this.#ticketId)
    if (!may(actor, 'ticket.read-internal', relationsOf(actor, ticket))) throw notFound(this.#ticketId)
  }

  /** Whoever has an earlier generation would put all of it beside this one, and see both. */
  async #mustBeOfThisGeneration(stateVector: Uint8Array, known: ReadonlySet<number>): Promise<void> {
    const others = clientsOf(stateVector).filter((clientId) => !known.has(clientId))
    if (others.length === 0) return
    const select = this.#app.read.selectFrom('textClient').select('clientId').where('ownerId', '=', SYSTEM_ID)
    // As one value: SQLite takes some thousands of parameters, and no more.
    const isAmong = sql<boolean>`"clientId" in (select value from json_each(${JSON.stringify(others)}))`
    const ours = await select.where(isAmong).executeTakeFirst()
    if (ours !== undefined) throw rebuiltMeanwhile()
  }

  async #sendMissing(stateVector: Uint8Array): Promise<void> {
    const { state, clients } = await this.#whole()
    await this.#mustBeOfThisGeneration(stateVector, clients)
    const answer = protocol.encodeMissing(hasNothing(stateVector) ? state : diff(state, stateVector))
    this.#charge(answer.length)
    this.#send(answer)
  }

  /** Whoever asks for much pays as if they had sent it. */
  #charge(bytes: number): void {
    this.#app.admission.takeAnswer(this.#sessionId, bytes)
  }

  async #take(update: Uint8Array): Promise<void> {
    if (isTyping(update)) {
      this.#typing.add(update)
      return
    }
    await this.#store()
    await this.#merge(update)
  }

  /** Stores what was typed until now. Where that does not go together, each by itself: all before the first that fails. */
  async #store(): Promise<void> {
    const updates = this.#typing.take()
    if (updates.length > 1) {
      try {
        await this.#merge(Y.mergeUpdates(updates))
        return
      } catch (error) {
        if (!(error instanceof Refusal) || error.code === 'unavailable') throw error
      }
    }
    for (const update of updates) await this.#merge(update)
  }

  async #whole(): Promise<Whole> {
    const whole = await this.#app.wholeDocuments.find(this.#app, this.#ticketId)
    if (whole !== null) return whole
    throw new Refusal(
      'unavailable',
      'The document of this ticket is damaged and cannot be rebuilt.',
      'Tell the operator.',
    )
  }

  async #merge(update: Uint8Array): Promise<void> {
    const input = { ticketId: this.#ticketId, update }
    const { output } = await this.#app.commits.commitOrThrow(mergeDocument, input, { actorId: this.person.id })
    if (output.verdicts.length > 0) this.#report(output.verdicts)
  }

  /** Clients repeat what they hear; the server's own words are not theirs. */
  #say(entries: readonly protocol.AwarenessEntry[]): void {
    const { rooms, clientId: serverId } = this.#app
    const own = entries.filter(({ clientId }) => clientId !== serverId)
    rooms.say(this.#ticketId, this, own)
  }

  /** Verdicts travel as the server's own awareness state, which every stock client can read. */
  #report(verdicts: readonly FieldVerdict[]): void {
    this.#app.rooms.tell(this, this.#app.clientId, { rejoin: { verdicts } })
  }

  #send(data: Uint8Array<ArrayBuffer>): void {
    if (!this.#turns.ended) this.#wire.send(data)
  }
}

function rebuiltMeanwhile(): Refusal {
  return new Refusal('superseded', 'The document of this ticket was rebuilt. Open it anew, with an empty document.')
}

function clientsOf(stateVector: Uint8Array): number[] {
  return [...parsed(() => Y.decodeStateVector(stateVector)).keys()]
}

/** Whether it is the state vector of an empty document. */
function hasNothing(stateVector: Uint8Array): boolean {
  return stateVector.length === 1 && stateVector[0] === 0
}

function diff(state: Uint8Array, stateVector: Uint8Array): Uint8Array {
  return parsed(() => Y.diffUpdate(state, stateVector))
}

/** Yjs throws what it likes at bytes that are no state vector. */
function parsed<Result>(read: () => Result): Result {
  try {
    return read()
  } catch {
    throw new Refusal('malformed-frame', 'The state vector does not parse.')
  }
}
