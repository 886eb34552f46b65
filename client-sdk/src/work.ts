/**
 * A person's work on the device (commands, typing, and their answers to verdicts) on its way through the journal into
 * the outbox. It judges nothing and sends nothing: it reports when there is something to send.
 */
import { v7 } from 'uuid'
import { documentIdOf } from '@rejoin/shared/kinds.ts'
import { DEVICE_COMMANDS, isDeviceCommand, type DeviceCommandName } from '@rejoin/shared/commands.ts'
import { describeIssues, Refusal } from '@rejoin/shared/errors.ts'
import type { Changes } from './changes.ts'
import type { Environment } from './environment.ts'
import { isWaiting } from './ledger/inbox.ts'
import type { Draft, Journal } from './ledger/journal.ts'
import { author, serverNow, type Ledger } from './ledger/ledger.ts'
import { asToday, textUpdateOf, type DecidedRecord, type MadeCommand, type Texts } from './ledger/records.ts'
import { assertFits } from './ledger/size.ts'

/** Keystrokes go out together, at most this often; a command takes them along at once. */
const TYPING_PAUSE_MS = 200
/** The delay before typed text is stored again, when the store could not take it. */
const STORE_RETRY_MS = 1000

export interface WorkHost {
  readonly environment: Environment
  readonly changes: Changes
  readonly journal: Journal
  readonly ledger: Ledger
  /** Something waits to be sent. */
  offer(): void
  /** Writes to the store have begun to fail, or succeed again. */
  problemChanged(): void
}

export class Work {
  readonly #host: WorkHost
  #isClosed = false
  #isFlushDue = false
  #problem: Error | null = null
  #cancelOffer: (() => void) | null = null

  constructor(host: WorkHost) {
    this.#host = host
  }

  /** Why typed text cannot be stored; null when it can. */
  get problem(): Error | null {
    return this.#problem
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /**
   * Queues a command; resolves with its id when the store has it. Commands that `beside` queues come before it, in the
   * same write. Throws `Refusal('unknown-command' | 'invalid' | 'too-large' | 'unavailable')`, and the store's errors.
   */
  async queue(name: string, input: unknown, text?: Texts, beside?: (draft: Draft) => void): Promise<string> {
    this.#mustBeOpen()
    const { journal, ledger } = this.#host
    const command = this.#author(name, input)
    await journal.turn((draft) => {
      // Text typed before the command is queued before it.
      this.flushTyping(draft)
      beside?.(draft)
      ledger.outbox.add(draft, command, text)
      const ticketId = documentIdOf(command)
      if (ticketId === null || textUpdateOf(command) === null) return
      draft.after(() => ledger.replica.settle(ticketId))
    })
    this.#offer()
    return command.id
  }

  /**
   * Queues commands that the server judges as one; resolves with their ids, in their order, when the store has them.
   * Throws as `queue`.
   */
  async queueGroup(commands: readonly { readonly name: string; readonly input: unknown }[]): Promise<string[]> {
    this.#mustBeOpen()
    const { environment, journal, ledger } = this.#host
    const group = v7({ msecs: Math.trunc(environment.now()) })
    const authored = commands.map(({ name, input }) => ({ ...this.#author(name, input), group }))
    assertFits(authored)
    await journal.turn((draft) => {
      this.flushTyping(draft)
      for (const command of authored) ledger.outbox.add(draft, command)
    })
    this.#offer()
    return authored.map(({ id }) => id)
  }

  /** See `Device.resubmit`. */
  async resubmit(commandId: string, change: { name?: DeviceCommandName; input?: unknown }): Promise<string> {
    const waiting = this.#getWaiting(commandId)
    const command = asToday(waiting.command)
    const { name = command.name, input = command.input } = change
    const sameText = change.input === undefined ? waiting.text : undefined
    return await this.queue(name, input, sameText, (draft) => this.#dismiss(draft, waiting))
  }

  /** See `Device.dismiss`. */
  async dismiss(commandId: string): Promise<void> {
    const waiting = this.#getWaiting(commandId)
    await this.#host.journal.turn((draft) => this.#dismiss(draft, waiting))
    this.#offer()
  }

  /** Called when a ticket's texts were typed into. */
  typed(ticketId: string): void {
    this.#host.changes.emit({ kind: 'tickets', ticketIds: [ticketId] })
    if (this.#isFlushDue || this.#isClosed) return
    this.#isFlushDue = true
    this.#flushSoon()
  }

  /** Turns typed text into commands. */
  flushTyping(draft: Draft): void {
    this.#isFlushDue = false
    const { environment, ledger } = this.#host
    const { outbox, inbox, replica, typing } = ledger
    typing.flush(draft, {
      outbox,
      inbox,
      author: (name, input) => author(ledger, environment, name, input),
      serverNow: () => serverNow(ledger, environment),
      settle: (ticketId) => replica.settle(ticketId),
    })
  }

  /** Resolves when everything typed and queued so far is in the store; rejects with the store's error. */
  async flush(): Promise<void> {
    await this.#host.journal.turn((draft) => this.flushTyping(draft))
    this.#setProblem(null)
  }

  /** Accepts no more work. Typed text still has to be flushed. */
  close(): void {
    this.#isClosed = true
    this.#cancelOffer?.()
  }

  #offer(): void {
    this.#cancelOffer?.()
    this.#cancelOffer = null
    this.#host.offer()
  }

  #author(name: string, input: unknown): MadeCommand {
    if (!isDeviceCommand(name)) throw new Refusal('unknown-command', `There is no command ${name}.`)
    const parsed = DEVICE_COMMANDS[name].input.safeParse(input)
    if (!parsed.success) throw new Refusal('invalid', describeIssues(parsed.error), `Correct the input of ${name}.`)
    const command = author(this.#host.ledger, this.#host.environment, name, parsed.data)
    assertFits([command])
    return command
  }

  /** Takes a decided command out of the inbox, and withdraws it if it is still parked. */
  #dismiss(draft: Draft, { command, verdict }: DecidedRecord): void {
    const { inbox, outbox } = this.#host.ledger
    inbox.dismiss(draft, command.id)
    if (verdict.outcome !== 'parked') return
    outbox.add(draft, this.#author('parked.withdraw', { commandId: command.id }))
  }

  #getWaiting(commandId: string): DecidedRecord {
    const decided = this.#host.ledger.inbox.find(commandId)
    if (decided === undefined || !isWaiting(decided))
      throw new Refusal('not-found', 'The inbox does not hold this command.')
    return decided
  }

  #flushSoon(): void {
    this.flush().then(
      () => {
        this.#cancelOffer ??= this.#host.environment.after(TYPING_PAUSE_MS, () => this.#offer())
      },
      (error: unknown) => {
        this.#setProblem(error instanceof Error ? error : new Error(String(error)))
        if (!this.#isClosed) this.#host.environment.after(STORE_RETRY_MS, () => this.#flushSoon())
      },
    )
  }

  #setProblem(problem: Error | null): void {
    if (this.#problem === problem) return
    this.#problem = problem
    this.#host.problemChanged()
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw new Refusal('unavailable', 'The device is closed.', 'Open it again.')
  }
}
