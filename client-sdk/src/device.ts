/**
 * A device: a person's tickets, held where they work, with or without a network. This file is its public interface;
 * `open-device.ts` opens it; `ledger/journal.ts`, `sync/apply-batch.ts` and `ledger/replica.ts` state its durability
 * guarantees.
 */
import type * as Y from 'yjs'
import type { DeviceCommandName, InputOf } from '@rejoin/shared/commands.ts'
import { TICKET_SHAPE, type TicketText } from '@rejoin/shared/tickets/shape.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { TicketView } from '@rejoin/shared/tickets/ticket.ts'
import type { ActorView } from '@rejoin/shared/sync/wire.ts'
import { decidedOf, itemOf, pendingOf, type DecidedCommand, type InboxItem, type PendingCommand } from './answers.ts'
import { apiFor, type Api } from './api.ts'
import type { Change, ConnectionState } from './changes.ts'
import type { Engine } from './engine.ts'
import { isWaiting } from './ledger/inbox.ts'
import { checkToken } from './ledger/meta.ts'
import type { Person } from './sync/presence.ts'
import { ticketCommands } from '@rejoin/shared/tickets/commands.ts'
import { methodsOver, type MethodsOf } from './methods.ts'
import { Views } from './views.ts'

/** A command of a group, with the input that belongs to its name. */
export type GroupMember = {
  [Name in DeviceCommandName]: { readonly name: Name; readonly input: InputOf<Name> }
}[DeviceCommandName]

/** Texts are written by typing into the document: see `text`. */
const { writeText: _, ...METHODS } = ticketCommands

export class Device {
  /** Commands about tickets as methods. */
  readonly tickets: MethodsOf<typeof METHODS>
  /** The server's API as the device's person; only online. */
  readonly api: Api
  readonly #engine: Engine
  readonly #views: Views

  constructor(engine: Engine, url: string) {
    this.#engine = engine
    this.#views = new Views(engine.ledger, engine.changes)
    const { environment, ledger } = engine
    this.tickets = methodsOver(
      METHODS,
      (name, input) => engine.work.queue(name, input),
      () => environment.now(),
    )
    this.api = apiFor(url, () => ledger.meta.value.token, environment.fetch)
  }

  get id(): string {
    return this.#engine.ledger.meta.value.deviceId
  }

  /** Its id before the server found that its store was copied or rolled back; null where that never happened. */
  get formerId(): string | null {
    return this.#engine.ledger.meta.value.formerId
  }

  /** The device's person; null before the first contact with the server. */
  get actor(): ActorView | null {
    return this.#engine.ledger.meta.value.actor
  }

  get state(): ConnectionState {
    return this.#engine.connection.state
  }

  /** Why the device is not live or cannot store typed text; null when no problem is known. */
  get problem(): Error | null {
    return this.#engine.problem
  }

  /** Connects, and stays so: after a loss the device tries again by itself. Ends a wait between two attempts. */
  connect(): void {
    this.#engine.connection.connect()
  }

  /** Stays offline until `connect`. */
  disconnect(): void {
    this.#engine.connection.disconnect()
  }

  /** Continues with a new session of the same person and keeps the waiting work. Resolves when the token is stored. */
  async signIn(token: string): Promise<void> {
    const checked = checkToken(token)
    await this.#engine.journal.turn((draft) => this.#engine.ledger.meta.update(draft, { token: checked }))
    this.#engine.connection.signedIn()
  }

  /**
   * Queues a command; resolves with its id when the store has it, with or without a network. Throws
   * `Refusal('invalid')` naming the field, `'too-large'`, `'unavailable'` when closed, and the store's errors.
   */
  send<Name extends DeviceCommandName>(name: Name, input: InputOf<Name>): Promise<string> {
    return this.#engine.work.queue(name, input)
  }

  /**
   * Queues up to 50 commands that the server judges as one: all of them are applied, or none is. A group that closes a
   * job is its resolve, its work log and a comment. Resolves with their ids, in their order. Throws as `send`.
   */
  sendGroup(commands: readonly GroupMember[]): Promise<string[]> {
    return this.#engine.work.queueGroup(commands)
  }

  /** Every ticket that the device holds or has created, as `view` shows it, oldest first. */
  queue(): TicketView[] {
    return this.#views.all()
  }

  /** The ticket with the predicted effect of the waiting commands; null when the device has nothing of it. */
  view(ticketId: string): TicketView | null {
    return this.#views.findView(ticketId)
  }

  /** The document's value as plain JSON, without predictions; null when the device does not hold it. */
  replica(ticketId: string): Record<string, unknown> | null {
    return this.#engine.ledger.replica.findValue(ticketId)
  }

  /** The ids of the tickets that the device holds. */
  held(): string[] {
    return this.#engine.ledger.replica.ids()
  }

  /** The commands without a verdict, in the order they were made in. */
  pending(): PendingCommand[] {
    return pendingOf(this.#engine.ledger, this.#engine.connection.session)
  }

  /** Epoch ms; null when nothing waits. */
  oldestPendingAt(): number | null {
    return this.pending().reduce<number | null>((oldest, { at }) => Math.min(oldest ?? at, at), null)
  }

  /** The decided commands that are still kept (see `keepForMs`), oldest verdict first. */
  verdicts(): DecidedCommand[] {
    return this.#engine.ledger.inbox.all().map(decidedOf)
  }

  /** Commands that were not `applied` or were once parked, until dismissed or resubmitted; oldest verdict first. */
  inbox(): InboxItem[] {
    return this.#engine.ledger.inbox.all().filter(isWaiting).map(itemOf)
  }

  /**
   * Queues an undismissed inbox item again, changed as the caller wants, and takes it out of the inbox. Resolves with
   * the new command's id. Throws as `send`, and `Refusal('not-found')`.
   */
  resubmit(commandId: string, change: { name?: DeviceCommandName; input?: unknown } = {}): Promise<string> {
    return this.#engine.work.resubmit(commandId, change)
  }

  /**
   * Takes an item out of the inbox; `verdicts` still lists it. A parked command is withdrawn, so that nobody has to
   * decide it. Throws `Refusal('not-found')`.
   */
  async dismiss(commandId: string): Promise<void> {
    await this.#engine.work.dismiss(commandId)
  }

  /** The ids of tickets that left the device while it had unjudged work on them, oldest first. */
  handedOver(): string[] {
    return this.#engine.ledger.handedOver.ids()
  }

  /**
   * A text of the ticket, live in both directions: the device stores and sends edits to it by itself. Ask again after
   * a change of the ticket: a refused edit is undone by a new object, and then the old one shows no more changes.
   * Throws `Refusal('not-found')` for a ticket that the device does not hold, such as one created here a moment ago.
   */
  text(ticketId: string, name: TicketText): Y.Text {
    if (!TICKET_SHAPE.texts.includes(name)) throw new Refusal('not-found', `A ticket has no text named "${name}".`)
    const doc = this.#engine.ledger.replica.findDoc(ticketId)
    if (doc !== null) return doc.getText(name)
    throw new Refusal(
      'not-found',
      'This device does not have the document of this ticket.',
      'A ticket created offline gets its document when it is sent. Until then, change its description with tickets.edit.',
    )
  }

  /** Calls `listener` with each change after it happened; the returned function unsubscribes. */
  subscribe(listener: (change: Change) => void): () => void {
    return this.#engine.changes.subscribe(listener)
  }

  /** Tells the others which tickets (20 at most) are open here. Throws `Refusal('invalid')`. */
  viewing(ticketIds: readonly string[]): void {
    this.#engine.conversation.view(ticketIds)
  }

  /** Who else has the ticket open, as of the last report; nobody while offline. */
  presence(ticketId: string): readonly Person[] {
    return this.#engine.conversation.people(ticketId)
  }

  /** Resolves when everything typed and queued so far is in the store; rejects with the store's error. */
  async flush(): Promise<void> {
    await this.#engine.work.flush()
  }

  /**
   * Resolves when the device is live and every command of it is decided. Rejects when it is closed, told to stay
   * offline, or signed out; a network that is away only makes it wait.
   */
  async settled(): Promise<void> {
    await this.#engine.settled()
  }

  /** Stores typed text, disconnects, and releases the store. */
  async close(): Promise<void> {
    await this.#engine.close()
  }
}
