/**
 * The one write path. Commands queue here; each batch is one transaction, each command one savepoint.
 *
 * 1. A command id takes effect at most once; a repeat returns its verdict, the one that a person has given it since if it
 *    was parked.
 * 2. Nobody is answered or told before the transaction is on disk.
 * 3. A command that fails leaves no trace in rows, documents, log or outbox: only its receipt.
 * 4. Commands that arrive while a batch is being written form the next one: one fsync for many, no wait for one.
 */
import { sql } from 'kysely'
import { ERRORS, Refusal, type ErrorCode } from '@rejoin/shared/errors.ts'
import type { z } from 'zod'
import type { AnyCommand, Command } from './command.ts'
import { isStorageFailure, type Tx } from '../db.ts'
import { insertRow } from '../prepared.ts'
import type { DocumentChange } from '../hub.ts'
import { parseInput, receiptOf, repeated, type Input } from './filing.ts'
import { groupAnswer, hasFailed } from './group.ts'
import type { Done, Member, Ports, Request } from './ports.ts'
import { addReceipt, findReceipt } from './receipts.ts'
import { CommandRun } from './run.ts'

const MAX_BATCH = 200

interface Waiting {
  readonly command: AnyCommand
  readonly request: Request
  readonly input: Input
  /** The others that are judged as one with it. */
  readonly rest: readonly Waiting[]
  resolve(done: Done<unknown>): void
  reject(error: unknown): void
}

interface Judged {
  readonly waiting: Waiting
  /** Null when it was answered from its receipt. */
  readonly run: CommandRun | null
  readonly done: Done<unknown>
  readonly changes: readonly DocumentChange[]
  readonly topics: ReadonlySet<string>
}

export class Commits {
  readonly #ports: Ports
  readonly #queue: Waiting[] = []
  #running: Promise<void> | null = null
  #lastSeq = 0

  constructor(ports: Ports) {
    this.#ports = ports
  }

  /**
   * Runs a command and resolves when its verdict is on disk. Resolves with `refused` or `parked` as well; use
   * `commitOrThrow` where that is an error. Rejects with `Refusal('unavailable')` when it could not be stored.
   */
  async commit<Schema extends z.ZodType, Output, Prepared>(
    command: Command<Schema, Output, Prepared>,
    rawInput: unknown,
    request: Request,
  ): Promise<Done<Output>> {
    const parsed = parseInput(command, rawInput)
    const input =
      parsed instanceof Refusal || command.prepare === undefined ? parsed : await this.#prepare(command, parsed)
    return new Promise((resolve, reject) => {
      this.#queue.push({ command, request, input, rest: [], resolve: resolve as Waiting['resolve'], reject })
      this.#running ??= this.#drain()
    })
  }

  /** As `commit` for commands without preparation that are judged as one: all of them are applied, or none is. */
  async commitTogether(members: readonly Member[]): Promise<Done<unknown>[]> {
    const group: Waiting[] = []
    const answers = members.map(
      ({ command, input, request }) =>
        new Promise<Done<unknown>>((resolve, reject) => {
          group.push({ command, request, input: parseInput(command, input), rest: [], resolve, reject })
        }),
    )
    const [first, ...rest] = group
    if (first !== undefined) this.#queue.push({ ...first, rest })
    this.#running ??= this.#drain()
    return Promise.all(answers)
  }

  /** As `commit`, but a command that was not applied throws its `Refusal`. */
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

  /** Commands that wait for a batch. */
  get waiting(): number {
    return this.#queue.length
  }

  /** Resolves when everything queued so far is decided. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running
  }

  async #prepare(command: AnyCommand, parsed: { value: unknown }): Promise<Waiting['input']> {
    try {
      const context = { read: this.#ports.db.reader, now: this.#ports.now() }
      return { value: parsed.value, prepared: await command.prepare?.(context, parsed.value) }
    } catch (error) {
      if (error instanceof Refusal) return error
      throw error
    }
  }

  async #drain(): Promise<void> {
    // Lets every socket that is ready hand in its command first: they share the batch and its fsync.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#queue.length > 0) {
      await this.#commitBatch(this.#queue.splice(0, MAX_BATCH))
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.#running = null
  }

  async #commitBatch(batch: readonly Waiting[]): Promise<void> {
    const { writer: tx } = this.#ports.db
    const { metrics } = this.#ports
    const judged: Judged[] = []
    const stopBatchTimer = metrics.batchSeconds.startTimer()
    let after: number
    try {
      await sql`begin immediate`.execute(tx)
      await this.#readLastSeq(tx)
      after = this.#lastSeq
      for (const waiting of batch) judged.push(...(await this.#judgeUnit(tx, waiting)))
      const stopSyncTimer = metrics.syncSeconds.startTimer()
      await sql`commit`.execute(tx)
      stopSyncTimer()
    } catch (error) {
      await this.#abandon(batch, error)
      return
    }
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
      this.#ports.hub.publish({ after, seq: this.#lastSeq, changes, topics })
    } catch (error) {
      // What is committed is committed: a listener's bug must not keep the authors from their answer.
      this.#ports.log.error({ err: error }, 'a listener failed')
    }
  }

  async #readLastSeq(tx: Tx): Promise<void> {
    const row = await tx.selectFrom('revision').select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst()
    this.#lastSeq = row?.seq ?? 0
  }

  /** Nothing of the batch is stored: whoever waits may send the same commands again. */
  async #abandon(batch: readonly Waiting[], error: unknown): Promise<void> {
    this.#ports.log.error({ err: error, commands: batch.length }, 'a batch could not be committed')
    this.#ports.documents.dropAll()
    try {
      await sql`rollback`.execute(this.#ports.db.writer)
    } catch (rollbackError) {
      // SQLite has already rolled back by itself after a full disk; there is nothing left to undo.
      this.#ports.log.debug({ err: rollbackError }, 'no transaction was open')
    }
    const refusal = new Refusal(
      'unavailable',
      'The server could not store this just now.',
      'Nothing was changed. Try again.',
    )
    for (const { reject, rest } of batch) for (const each of [{ reject }, ...rest]) each.reject(refusal)
  }

  /** Judges a command, or a group as one, and whatever is to follow from parking them. */
  async #judgeUnit(tx: Tx, waiting: Waiting): Promise<Judged[]> {
    const { rest } = waiting
    const judged = rest.length === 0 ? [await this.#judge(tx, waiting)] : await this.#judgeGroup(tx, [waiting, ...rest])
    for (const { run, done, waiting: each } of judged.slice()) {
      const { request } = each
      if (run === null || done.outcome !== 'parked' || request.origin === undefined) continue
      judged.push(await this.#judge(tx, this.#parkedNote(request)))
    }
    return judged
  }

  #parkedNote({ actorId, id: commandId }: Request): Waiting {
    const input = { value: { commandId }, prepared: undefined }
    const nobodyWaits = { rest: [], resolve: () => {}, reject: () => {} }
    return { command: this.#ports.whenParked, request: { actorId }, input, ...nobodyWaits }
  }

  /** One savepoint around all: what the first did is undone when the last may not be. */
  async #judgeGroup(tx: Tx, members: readonly Waiting[]): Promise<Judged[]> {
    const before = this.#lastSeq
    const judged: Judged[] = []
    await sql`savepoint members`.execute(tx)
    for (const waiting of members) {
      const each = await this.#judge(tx, waiting)
      judged.push(each)
      if (hasFailed(each.done)) break
    }
    const culprit = judged.at(-1)
    if (culprit === undefined || !hasFailed(culprit.done)) {
      await sql`release members`.execute(tx)
      return judged
    }
    await sql`rollback to members`.execute(tx)
    await sql`release members`.execute(tx)
    this.#lastSeq = before
    for (const { run } of judged) run?.discard()
    const answers: Judged[] = []
    for (const waiting of members) answers.push(await this.#fail(tx, waiting, culprit))
    return answers
  }

  /** Answers a member of a group that was undone because of `culprit`. */
  async #fail(tx: Tx, waiting: Waiting, culprit: Judged): Promise<Judged> {
    const known = await this.#findAnswer(tx, waiting)
    if (known !== null) return known
    const run = new CommandRun(this.#ports, tx, this.#lastSeq + 1, waiting.request)
    await run.settleTime()
    const isCulprit = waiting === culprit.waiting
    if (isCulprit) run.waitsFor = culprit.run?.waitsFor ?? null
    const done = isCulprit ? culprit.done : groupAnswer(culprit.waiting.command.name, culprit.done)
    await this.#file(tx, waiting, run, done)
    return { waiting, run, done, changes: [], topics: new Set() }
  }

  /** The answer to a repeat. */
  async #findAnswer(tx: Tx, waiting: Waiting): Promise<Judged | null> {
    const { id } = waiting.request
    const earlier = id === undefined ? undefined : await findReceipt(tx, id)
    if (earlier === undefined) return null
    return { waiting, run: null, done: repeated(earlier, waiting.request), changes: [], topics: new Set() }
  }

  async #judge(tx: Tx, waiting: Waiting): Promise<Judged> {
    const { command, request } = waiting
    const known = await this.#findAnswer(tx, waiting)
    if (known !== null) return known
    const run = new CommandRun(this.#ports, tx, this.#lastSeq + 1, request)
    await sql`savepoint command`.execute(tx)
    try {
      const { output, adjustment } = await run.execute(command, waiting.input)
      const { changes, topics } = await run.finish()
      await sql`release command`.execute(tx)
      if (run.changed) {
        await insertRow(tx, 'revision', { seq: run.seq, tag: run.tag, at: run.now })
        this.#lastSeq = run.seq
      }
      const done: Done<unknown> = { outcome: adjustment === null ? 'applied' : 'adjusted', ...adjustment, output }
      await this.#file(tx, waiting, run, done)
      return { waiting, run, done, changes, topics }
    } catch (error) {
      if (isStorageFailure(error)) throw error
      await sql`rollback to command`.execute(tx)
      await sql`release command`.execute(tx)
      run.discard()
      const done = this.#refuse(command, error)
      await this.#file(tx, waiting, run, done)
      return { waiting, run, done, changes: [], topics: new Set() }
    }
  }

  #refuse(command: AnyCommand, error: unknown): Done<never> {
    if (error instanceof Refusal) {
      const { code, message, hint } = error
      return { outcome: ERRORS[code].outcome, code, message, ...(hint !== undefined && { hint }) }
    }
    this.#ports.log.error({ err: error, command: command.name }, 'a command failed')
    return {
      outcome: ERRORS.internal.outcome,
      code: 'internal',
      message: 'The server failed on this command.',
      hint: 'The administrator finds the cause in the log.',
    }
  }

  async #file(tx: Tx, waiting: Waiting, run: CommandRun, done: Done<unknown>): Promise<void> {
    const { request, command, input } = waiting
    if (request.id === undefined) return
    await addReceipt(tx, receiptOf({ id: request.id, name: command.name, input, request }, run, done))
  }
}
