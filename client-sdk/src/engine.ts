/**
 * Joins the parts of a device: what is typed and sent goes through the journal into the outbox and from there to the
 * server, what the server says goes through the journal into the ledger. It decides nothing itself.
 */
import { v7 } from 'uuid'
import { DEVICE_COMMANDS, isDeviceCommand } from '@rejoin/shared/commands.ts'
import { describeIssues, Refusal } from '@rejoin/shared/errors.ts'
import type { Batch, Life, PresenceReport } from '@rejoin/shared/wire.ts'
import { doorOf } from './api.ts'
import { Changes } from './changes.ts'
import { Connection } from './sync/connection.ts'
import { readClock } from './sync/clock.ts'
import { greet, offer } from './sync/dispatch.ts'
import type { Environment } from './environment.ts'
import { beginLife, beginGreeting } from './sync/identity.ts'
import { assertFits } from './sync/size.ts'
import { Misfit, takeBatch } from './sync/intake.ts'
import { Journal, type Draft } from './ledger/journal.ts'
import { author, readLedger, serverNow, settleIn, type Ledger, type Settings } from './ledger/ledger.ts'
import { Presence } from './sync/presence.ts'
import {
  textUpdateOf,
  ticketOf,
  type DecidedRecord,
  type MadeCommand,
  type Records,
  type Texts,
} from './ledger/records.ts'
import { sayNext } from './sync/reconcile.ts'
import type { Session } from './sync/session.ts'
import type { Store } from './stores/store.ts'
import { wipe } from './ledger/wipe.ts'

/** Keystrokes go out together, at most this often; a command takes them along at once. */
const TYPING_PAUSE_MS = 200
/** What was typed is tried again after this when the store could not take it. */
const STORE_RETRY_MS = 1000

export interface EngineParts {
  readonly url: string
  readonly store: Store
  readonly environment: Environment
  readonly records: Records
}

export class Engine {
  readonly changes = new Changes()
  readonly presence = new Presence()
  readonly environment: Environment
  readonly ledger: Ledger
  readonly journal: Journal
  readonly connection: Connection
  readonly #store: Store
  readonly #stopListening: () => void
  #isClosed = false
  #isFlushDue = false
  #storeProblem: Error | null = null
  #cancelOffer: (() => void) | null = null

  constructor({ url, store, environment, records }: EngineParts) {
    this.environment = environment
    this.#store = store
    this.journal = new Journal(store, this.changes)
    this.ledger = readLedger(records, environment, (ticketId) => this.#typed(ticketId))
    this.connection = new Connection({
      environment,
      url: doorOf(url, 'sync'),
      token: () => this.ledger.meta.value.token,
      opened: (session) => this.#opened(session),
      received: (session, frame) =>
        frame.type === 'batch' ? this.#takeBatch(session, frame) : this.#takePresence(frame),
      wipe: () => this.#wipe(),
      become: (life) => this.#become(life),
      stateChanged: () => this.#stateChanged(),
    })
    this.#stopListening = environment.onOnline(() => this.connection.nudge())
  }

  get problem(): Error | null {
    return this.#storeProblem ?? this.connection.problem
  }

  async start(settings: Settings): Promise<void> {
    await this.journal.turn((draft) => settleIn(draft, this.ledger, this.environment, settings))
  }

  /**
   * Queues a command; resolves with its id when the store has it. What `beside`
   * queues comes before it, in the same write. Throws
   * `Refusal('unknown-command' | 'invalid' | 'too-large' | 'unavailable')`, and what the store throws.
   */
  async queue(name: string, input: unknown, text?: Texts, beside?: (draft: Draft) => void): Promise<string> {
    this.#mustBeOpen()
    const command = this.#author(name, input)
    await this.journal.turn((draft) => {
      // What was typed before the command is queued before it.
      this.#flushTyping(draft)
      beside?.(draft)
      this.ledger.outbox.add(draft, command, text)
      const ticketId = ticketOf(command)
      if (ticketId === null || textUpdateOf(command) === null) return
      draft.after(() => this.ledger.replica.settle(ticketId))
    })
    this.offer()
    return command.id
  }

  /**
   * Queues commands that the server judges as one; resolves with their ids, in their order, when the store has them.
   * Throws as `queue`.
   */
  async queueGroup(commands: readonly { readonly name: string; readonly input: unknown }[]): Promise<string[]> {
    this.#mustBeOpen()
    const group = v7({ msecs: Math.trunc(this.environment.now()) })
    const authored = commands.map(({ name, input }) => ({ ...this.#author(name, input), group }))
    assertFits(authored)
    await this.journal.turn((draft) => {
      this.#flushTyping(draft)
      for (const command of authored) this.ledger.outbox.add(draft, command)
    })
    this.offer()
    return authored.map(({ id }) => id)
  }

  /** Takes a decided command out of the inbox, and back from whoever has to decide about it if that is still to come. */
  dismiss(draft: Draft, { command, verdict }: DecidedRecord): void {
    this.ledger.inbox.dismiss(draft, command.id)
    if (verdict.outcome !== 'parked') return
    this.ledger.outbox.add(draft, this.#author('parked.withdraw', { commandId: command.id }))
  }

  async flush(): Promise<void> {
    await this.journal.turn((draft) => this.#flushTyping(draft))
    this.#setStoreProblem(null)
  }

  /** Sends what waits, or tries to connect if that has to come first. */
  offer(): void {
    this.#cancelOffer?.()
    this.#cancelOffer = null
    this.connection.nudge()
    this.#offerLive()
  }

  /** Resolves when the device is live and nothing of it waits; rejects when that cannot come by itself. */
  async settled(): Promise<void> {
    this.connection.nudge()
    for (;;) {
      await this.flush()
      this.#offerLive()
      const { state } = this.connection
      if (state === 'offline' || state === 'signed-out' || state === 'closed') throw this.#whyStopped()
      if (state === 'live' && this.ledger.outbox.size === 0 && this.ledger.typing.isEmpty) return
      await this.changes.next()
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#stopListening()
    this.#cancelOffer?.()
    this.connection.close()
    try {
      await this.flush()
    } finally {
      await this.#store.close()
    }
  }

  #offerLive(): void {
    const { session } = this.connection
    if (session === null || this.connection.state !== 'live') return
    this.#speak(session, () => offer(this.ledger, this.environment, session))
  }

  #author(name: string, input: unknown): MadeCommand {
    if (!isDeviceCommand(name)) throw new Refusal('unknown-command', `There is no command ${name}.`)
    const parsed = DEVICE_COMMANDS[name].safeParse(input)
    if (!parsed.success) throw new Refusal('invalid', describeIssues(parsed.error), `Correct the input of ${name}.`)
    const command = author(this.ledger, this.environment, name, parsed.data)
    assertFits([command])
    return command
  }

  #flushTyping(draft: Draft): void {
    this.#isFlushDue = false
    const { outbox, inbox, replica, typing } = this.ledger
    typing.flush(draft, {
      outbox,
      inbox,
      author: (name, input) => author(this.ledger, this.environment, name, input),
      serverNow: () => serverNow(this.ledger, this.environment),
      settle: (ticketId) => replica.settle(ticketId),
    })
  }

  #typed(ticketId: string): void {
    this.changes.emit({ kind: 'tickets', ticketIds: [ticketId] })
    if (this.#isFlushDue || this.#isClosed) return
    this.#isFlushDue = true
    this.#flushSoon()
  }

  #flushSoon(): void {
    this.flush().then(
      () => {
        this.#cancelOffer ??= this.environment.after(TYPING_PAUSE_MS, () => this.offer())
      },
      (error: unknown) => {
        this.#setStoreProblem(error instanceof Error ? error : new Error(String(error)))
        if (!this.#isClosed) this.environment.after(STORE_RETRY_MS, () => this.#flushSoon())
      },
    )
  }

  #setStoreProblem(problem: Error | null): void {
    if (this.#storeProblem === problem) return
    this.#storeProblem = problem
    this.changes.emit({ kind: 'state', state: this.connection.state })
  }

  #opened(session: Session): void {
    this.journal
      .turn((draft) => beginGreeting(draft, this.ledger))
      .then(
        () => this.#greet(session),
        (error: unknown) => this.connection.fail(session, error),
      )
  }

  #greet(session: Session): void {
    this.#speak(session, () => {
      greet(this.ledger, this.environment, session)
      if (this.presence.isViewing && !session.isOver) session.send(this.presence.frame)
      return true
    })
  }

  /** Runs `say` as a turn, so that what is said does not change meanwhile. It answers whether an answer is due. */
  #speak(session: Session, say: () => boolean): void {
    this.journal.turn(say).then(
      (hasSpoken) => {
        if (hasSpoken) this.connection.expectAnswer()
      },
      (error: unknown) => this.connection.fail(session, error),
    )
  }

  async #takeBatch(session: Session, batch: Batch): Promise<void> {
    const clock = readClock(this.environment)
    try {
      await this.journal.turn((draft) => {
        // What was typed into a document that is about to be replaced is a command of its own.
        if (batch.enter.length > 0) this.#flushTyping(draft)
        takeBatch(draft, this.ledger, batch, clock, session)
      })
    } catch (error) {
      if (error instanceof Misfit) await this.#askForAll()
      throw error
    }
    if (batch.reconcile === undefined && session.reconciling === null) this.#offerLive()
    else this.#speak(session, () => sayNext(this.ledger, this.environment, session))
  }

  async #wipe(): Promise<void> {
    await this.journal.turn((draft) => {
      // What was typed is work that waits.
      this.#flushTyping(draft)
      wipe(draft, this.ledger)
    })
  }

  async #become(life: Life): Promise<void> {
    await this.journal.turn((draft) => beginLife(draft, this.ledger, life))
  }

  async #askForAll(): Promise<void> {
    await this.journal.turn((draft) => this.ledger.meta.update(draft, { epoch: null, tag: null }))
  }

  async #takePresence(report: PresenceReport): Promise<void> {
    this.presence.report(report)
    this.changes.emit({ kind: 'presence', ticketId: report.ticketId })
  }

  #stateChanged(): void {
    const { state } = this.connection
    this.changes.emit({ kind: 'state', state })
    if (state === 'live') this.#offerLive()
    if (this.connection.session !== null) return
    for (const ticketId of this.presence.clear()) this.changes.emit({ kind: 'presence', ticketId })
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw new Refusal('unavailable', 'The device is closed.', 'Open it again.')
  }

  #whyStopped(): Error {
    const { state } = this.connection
    if (state === 'closed') return new Refusal('unavailable', 'The device is closed.')
    if (state === 'offline') return new Refusal('unavailable', 'The device stays offline.', 'Call connect().')
    return this.problem ?? new Refusal('unauthenticated', 'Nobody is signed in on this device.', 'Sign in.')
  }
}
