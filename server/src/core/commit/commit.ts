/**
 * The one write path. Commands queue here; each batch is one transaction, each command one savepoint.
 *
 * 1. A command id takes effect at most once; a repeat returns its first verdict.
 * 2. Nobody is answered or told before the transaction is on disk.
 * 3. A command that fails leaves no trace in rows, documents, log or outbox: only its receipt.
 * 4. Commands that arrive while a batch is being written form the next one: one fsync for many, no wait for one.
 */
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { describeIssues, ERRORS, Refusal, type ErrorCode } from '@rejoin/shared/errors.ts'
import { bytesAsBase64 } from '@rejoin/shared/wire.ts'
import type { z } from 'zod'
import type { AnyCommand, Command } from './command.ts'
import { isStorageFailure, type Tx } from '../db.ts'
import type { DocumentChange } from '../hub.ts'
import type { Done, Ports, Request } from './ports.ts'
import { addReceipt, findReceipt, verdictOf } from './receipts.ts'
import { CommandRun } from './run.ts'
import type { ReceiptTable } from '../tables.ts'

const MAX_BATCH = 200

interface Waiting {
  readonly command: AnyCommand
  readonly request: Request
  /** As the schema reads it: without what nobody asked for, which need not even be JSON. */
  readonly input: { value: unknown; prepared: unknown } | Refusal
  resolve(done: Done<unknown>): void
  reject(error: unknown): void
}

interface Judged {
  readonly waiting: Waiting
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
      this.#queue.push({ command, request, input, resolve: resolve as Waiting['resolve'], reject })
      this.#running ??= this.#drain()
    })
  }

  /** As `commit`, but a command that was not applied throws its `Refusal`. */
  async commitOrThrow<Schema extends z.ZodType, Output, Prepared>(
    command: Command<Schema, Output, Prepared>,
    rawInput: unknown,
    request: Request,
  ): Promise<Done<Output> & { output: Output }> {
    const done = await this.commit(command, rawInput, request)
    if (done.outcome === 'refused' || done.outcome === 'parked') {
      throw new Refusal((done.code ?? 'internal') as ErrorCode, done.message ?? '', done.hint)
    }
    return done as Done<Output> & { output: Output }
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
    const judged: Judged[] = []
    try {
      await sql`begin immediate`.execute(tx)
      await this.#readLastSeq(tx)
      for (const waiting of batch) judged.push(await this.#judge(tx, waiting))
      await sql`commit`.execute(tx)
    } catch (error) {
      await this.#abandon(batch, error)
      return
    }
    this.#publish(judged)
    for (const { waiting, done } of judged) waiting.resolve(done)
  }

  #publish(judged: readonly Judged[]): void {
    const topics = new Set(judged.flatMap((each) => [...each.topics]))
    const changes = judged.flatMap((each) => each.changes)
    try {
      this.#ports.hub.publish({ changes, topics })
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
    for (const waiting of batch) waiting.reject(refusal)
  }

  async #judge(tx: Tx, waiting: Waiting): Promise<Judged> {
    const { command, request } = waiting
    const nothing = { waiting, changes: [], topics: new Set<string>() }
    if (request.id !== undefined) {
      const earlier = await findReceipt(tx, request.id)
      if (earlier !== undefined) return { ...nothing, done: repeated(earlier, request) }
    }
    const run = new CommandRun(this.#ports, tx, this.#lastSeq + 1, request)
    await sql`savepoint command`.execute(tx)
    try {
      const { output, adjustment } = await run.execute(command, waiting.input)
      const { changes, topics } = await run.finish()
      await sql`release command`.execute(tx)
      if (run.changed) {
        await tx
          .insertInto('revision')
          .values({ seq: run.seq, tag: randomBytes(6).toString('base64url'), at: run.now })
          .execute()
        this.#lastSeq = run.seq
      }
      const done: Done<unknown> = { outcome: adjustment === null ? 'applied' : 'adjusted', ...adjustment, output }
      await this.#file(tx, waiting, run, done)
      return { waiting, done, changes, topics }
    } catch (error) {
      if (isStorageFailure(error)) throw error
      await sql`rollback to command`.execute(tx)
      await sql`release command`.execute(tx)
      run.discard()
      const done = this.#refuse(command, error)
      await this.#file(tx, waiting, run, done)
      return { ...nothing, done }
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
    await addReceipt(tx, {
      id: request.id,
      name: command.name,
      actorId: request.actorId,
      deviceId: request.origin?.deviceId ?? null,
      input:
        done.outcome === 'parked' && !(input instanceof Refusal) ? JSON.stringify(input.value, bytesAsBase64) : null,
      outcome: done.outcome,
      code: done.code ?? null,
      message: done.message ?? null,
      hint: done.hint ?? null,
      output: done.output === undefined ? null : JSON.stringify(done.output),
      effectiveAt: run.effectiveAt,
      recordedAt: run.now,
      clockSuspect: Number(run.clockSuspect),
    })
  }
}

function parseInput(command: AnyCommand, rawInput: unknown): { value: unknown; prepared: undefined } | Refusal {
  const result = command.input.safeParse(rawInput)
  if (result.success) return { value: result.data, prepared: undefined }
  return new Refusal('invalid', describeIssues(result.error), `Correct the input of ${command.name}.`)
}

function repeated(receipt: ReceiptTable, request: Request): Done<unknown> {
  if (receipt.actorId !== request.actorId) {
    return { outcome: 'refused', code: 'id-taken', message: 'This command id was used by somebody else.' }
  }
  const { id: _, ...verdict } = verdictOf(receipt)
  return { ...verdict, ...(receipt.output !== null && { output: JSON.parse(receipt.output) as unknown }) }
}
