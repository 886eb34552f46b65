/**
 * The one write path. Commands queue here; each batch is one transaction, each command one savepoint.
 *
 * 1. A command id takes effect at most once; a repeat returns its verdict, or the later decision of a person if it was
 *    parked.
 * 2. No author gets an answer and no session hears of a change before the transaction is on disk.
 * 3. A command that fails leaves no trace in rows, documents, log or outbox: only its receipt.
 * 4. Commands that arrive while a batch is being written form the next one: one fsync for many, no wait for one.
 */
import { setImmediate } from 'node:timers/promises'
import { INPUT_VALUES } from '@rejoin/shared/budgets.ts'
import { Refusal, type ErrorCode } from '@rejoin/shared/errors.ts'
import { hasFewValues } from '@rejoin/shared/value-count.ts'
import type { z } from 'zod'
import { textOf } from './asked.ts'
import type { AnyCommand, Command } from '../command.ts'
import { RetryLater } from '../runtime/retry-later.ts'
import { isCorrupt } from '../storage/sqlite.ts'
import type { Database } from '../storage/db.ts'
import { networkOf } from '../runtime/network.ts'
import { SYSTEM_ID } from '../ids.ts'
import { Slots } from '../runtime/slots.ts'
import { parseInput } from './receipt-row.ts'
import { Judging, type Judged, type Waiting } from './judging.ts'
import { CommandQueue } from './queue.ts'
import type { Done, Member, Ports, Request } from './ports.ts'
import { hasFailed } from './outcome.ts'
import { headOf } from '../storage/revisions.ts'
import { findReceipt } from './receipts.ts'
import { limited } from './run.ts'

/**
 * Longer batches need fewer fsyncs, but a command that arrives during a batch waits for its end, and a person at a desk
 * must not notice that a hundred devices are back.
 */
const MAX_BATCH = 64
/**
 * Turns of the event loop between two batches. In each turn the loop accepts only one new connection, so with a single
 * turn a new connection would wait for one batch per connection ahead of it.
 */
const TURNS_BETWEEN_BATCHES = 16

export class Commits {
  readonly #ports: Ports
  readonly #queue = new CommandQueue()
  #running: Promise<void> | null = null
  readonly #judging: Judging
  readonly #slots = new Slots()

  constructor(ports: Ports) {
    this.#ports = ports
    this.#judging = new Judging(ports)
  }

  /**
   * Runs a command and resolves when its verdict is on disk. It also resolves with `refused` or `parked`; use
   * `commitOrThrow` where that is an error. Rejects with `Refusal('unavailable')` if the verdict could not be stored.
   */
  async commit<Schema extends z.ZodType, Output, Prepared>(
    command: Command<Schema, Output, Prepared>,
    rawInput: unknown,
    request: Request,
  ): Promise<Done<Output>> {
    const parsed = parseInput(command, rawInput, request)
    const input =
      parsed instanceof Refusal || command.prepare === undefined
        ? parsed
        : await this.#prepare(command, parsed, request)
    return new Promise((resolve, reject) => {
      const asked = askedOf(command, rawInput, request)
      this.#queue.add({ command, request, input, asked, rest: [], resolve: resolve as Waiting['resolve'], reject })
      this.#running ??= this.#drain()
    })
  }

  /** Like `commit`, for commands without preparation that are judged as one: all of them are applied, or none is. */
  commitTogether(members: readonly Member[]): Promise<Done<unknown>[]> {
    const group: Waiting[] = []
    const answers = members.map(
      ({ command, input, request }) =>
        new Promise<Done<unknown>>((resolve, reject) => {
          const asked = askedOf(command, input, request)
          group.push({ command, request, input: parseInput(command, input, request), asked, rest: [], resolve, reject })
        }),
    )
    const [first, ...rest] = group
    if (first !== undefined) this.#queue.add({ ...first, rest })
    this.#running ??= this.#drain()
    return Promise.all(answers)
  }

  /** Like `commit`, but a command that was not applied throws its `Refusal`. */
  async commitOrThrow<Schema extends z.ZodType, Output, Prepared>(
    command: Command<Schema, Output, Prepared>,
    rawInput: unknown,
    request: Request,
  ): Promise<Done<Output> & { output: Output }> {
    const done = await this.commit(command, rawInput, request)
    if (hasFailed(done)) {
      throw new Refusal((done.code ?? 'internal') as ErrorCode, done.message ?? '', done.hint)
    }
    return done as Done<Output> & { output: Output }
  }

  /** How many commands wait for a batch. */
  get waiting(): number {
    return this.#queue.length
  }

  /** Resolves when everything queued so far is decided. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running
  }

  async #prepare(command: AnyCommand, { value }: { value: unknown }, request: Request): Promise<Waiting['input']> {
    const { db, metrics, workers, hashCost } = this.#ports
    const { id } = request
    // A repeat is answered from its receipt.
    if (id !== undefined && findReceipt(db.reader, id) !== undefined) return wasDecided
    try {
      const actor = limited(this.#ports.actor(db.reader, request.actorId), request)
      const context = { read: db.reader, now: this.#ports.now(), actor, workers, hashCost }
      await command.check?.(context, value)
      return await this.#slots.run(callerOf(request), async () => {
        metrics.preparations.inc({ command: command.name })
        return { value, prepared: await command.prepare?.(context, value) }
      })
    } catch (error) {
      // Work that found no free slot was not judged, so it gets no receipt.
      if (error instanceof Refusal && !(error instanceof RetryLater)) return error
      throw error
    }
  }

  async #drain(): Promise<void> {
    // Lets every socket that is ready hand in its command first: they share the batch and its fsync.
    await setImmediate()
    while (this.#queue.length > 0) {
      await this.#commitBatch(this.#queue.take(MAX_BATCH))
      for (let turn = 0; turn < TURNS_BETWEEN_BATCHES; turn += 1) await setImmediate()
    }
    this.#running = null
  }

  async #commitBatch(batch: readonly Waiting[]): Promise<void> {
    const { writer: tx } = this.#ports.db
    const { metrics, pace } = this.#ports
    const judged: Judged[] = []
    const stopBatchTimer = metrics.batchSeconds.startTimer()
    let after: number
    try {
      mustBeInPlace(this.#ports.db)
      tx.run('begin immediate')
      this.#judging.lastSeq = headOf(tx).cursor
      after = this.#judging.lastSeq
      pace.begin()
      for (const waiting of batch) {
        judged.push(...(await this.#judging.judgeUnit(tx, waiting)))
        await pace.turn()
      }
      const stopSyncTimer = metrics.syncSeconds.startTimer()
      tx.run('commit')
      stopSyncTimer()
    } catch (error) {
      this.#undo()
      // One of them meets a page that SQLite cannot read: it fails alone.
      if (batch.length > 1 && isCorrupt(error)) for (const each of batch) await this.#commitBatch([each])
      else this.#abandon(batch, error)
      return
    }
    this.#ports.documents.keepAll()
    stopBatchTimer()
    metrics.batchCommands.observe(batch.length)
    this.#publish(judged, after)
    for (const { waiting, done, run } of judged) {
      if (run !== null) metrics.verdicts.inc({ outcome: done.outcome, code: done.code ?? '' })
      waiting.resolve(done)
    }
  }

  #publish(judged: readonly Judged[], after: number): void {
    const topics = new Set(judged.flatMap((each) => [...each.topics]))
    const changes = judged.flatMap((each) => each.changes)
    try {
      this.#ports.hub.publish({ after, seq: this.#judging.lastSeq, changes, topics })
    } catch (error) {
      // The commit stands: a listener's bug must not keep the authors from their answer.
      this.#ports.log.error({ err: error }, 'a listener failed')
    }
  }

  #undo(): void {
    this.#ports.documents.dropAll()
    try {
      this.#ports.db.writer.run('rollback')
    } catch (rollbackError) {
      // SQLite has already rolled back by itself after a full disk; there is nothing left to undo.
      this.#ports.log.debug({ err: rollbackError }, 'no transaction is open')
    }
  }

  /** Nothing of the batch is stored: the authors may send the same commands again. */
  #abandon(batch: readonly Waiting[], error: unknown): void {
    this.#ports.log.error({ err: error, commands: batch.length }, 'a batch could not be committed')
    this.#ports.metrics.batchFailures.inc()
    const refusal = refusalFor(error)
    for (const { reject, rest } of batch) for (const each of [{ reject }, ...rest]) each.reject(refusal)
  }
}

function askedOf({ name }: AnyCommand, input: unknown, { id, sent = { name, input } }: Request): string | null {
  return id === undefined || sent === null || !hasFewValues(sent, INPUT_VALUES) ? null : textOf(sent)
}

/** The person, or the network for a command that needs no session. */
function callerOf({ actorId, source }: Request): string {
  return actorId === SYSTEM_ID ? networkOf(source?.address ?? null) : actorId
}

/** Stands in for the input of a command that has a receipt. */
const wasDecided = new Refusal('unavailable', 'The receipt of this command was just removed.', 'Try again.')

/** Writes into a file that was moved or removed would be lost. */
function mustBeInPlace(db: Database): void {
  const problem = db.misplaced()
  if (problem !== null) throw new Misplaced(problem)
}

class Misplaced extends Error {}

function refusalFor(error: unknown): Refusal {
  if (error instanceof Misplaced) {
    const message =
      'The server cannot store anything: its database file was moved or removed while the server was running.'
    return new Refusal('unavailable', message, 'Nothing was changed. Tell the operator and try again later.')
  }
  if (isCorrupt(error)) {
    const message = 'The server cannot store this: its database file is damaged.'
    return new Refusal(
      'unavailable',
      message,
      'Nothing was changed. Tell the operator: "rejoin doctor" says what to do.',
    )
  }
  return new Refusal('unavailable', 'The server could not store this.', 'Nothing was changed. Try again.')
}
