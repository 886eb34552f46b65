/**
 * Judges commands inside an open transaction: each on a savepoint, a group on one of its own. Its answers are not on
 * disk yet; `commit.ts` tells nobody before they are.
 *
 * 1. A command that meets a damaged document, or damaged clocks, is judged once these are rebuilt, as if nothing had
 *    happened.
 */
import { Refusal } from '@rejoin/shared/errors.ts'
import type { AnyCommand, Answer } from '../command.ts'
import { Damaged } from '../storage/damaged.ts'
import { isStorageFailure } from '../storage/sqlite.ts'
import type { Tx } from '../storage/db.ts'
import { SYSTEM_ID } from '../ids.ts'
import { insertRow } from '../storage/prepared.ts'
import type { DocumentChange } from '../hub.ts'
import { receiptOf, repeated, type Input } from './receipt-row.ts'
import { barOf, groupAnswer } from './group.ts'
import type { Done, Ports, Request } from './ports.ts'
import { hasFailed, refusedBy } from './outcome.ts'
import { findReceipt } from './receipts.ts'
import { CommandRun } from './run.ts'

export interface Waiting {
  readonly command: AnyCommand
  readonly request: Request
  readonly input: Input
  /** The name and input as a text (see `asked.ts`); null if unknown, or if no receipt needs it. */
  readonly asked: string | null
  /** The other commands that are judged as one with it. */
  readonly rest: readonly Waiting[]
  resolve(done: Done<unknown>): void
  reject(error: unknown): void
}

export interface Judged {
  readonly waiting: Waiting
  /** Null if the command was answered from its receipt. */
  readonly run: CommandRun | null
  readonly done: Done<unknown>
  readonly changes: readonly DocumentChange[]
  readonly topics: ReadonlySet<string>
}

const ONLINE = { deviceId: null }

const nobodyWaits = { rest: [], resolve: () => {}, reject: () => {} }

export class Judging {
  readonly #ports: Ports
  /** The last sequence number in use, including this transaction. */
  lastSeq = 0
  /** The damaged documents and clocks for which a rebuild was tried while the present commands are judged. */
  readonly #damaged = new Set<string>()

  constructor(ports: Ports) {
    this.#ports = ports
  }

  /** Judges a command, or a group as one, and the commands that follow from parking them. */
  async judgeUnit(tx: Tx, waiting: Waiting): Promise<Judged[]> {
    this.#damaged.clear()
    const { rest } = waiting
    const judged: Judged[] = []
    const own = await this.#onSound(tx, judged, () =>
      rest.length === 0 ? this.#judge(tx, waiting).then((each) => [each]) : this.#judgeGroup(tx, [waiting, ...rest]),
    )
    judged.push(...own)
    const parked = own.filter(isParked)
    const [first] = parked
    if (first?.run != null) this.#takeSeq(tx, first.run)
    for (const { waiting: each } of parked) {
      judged.push(await this.#onSound(tx, judged, () => this.#judge(tx, this.#parkedNote(each.request))))
    }
    return judged
  }

  /**
   * The answer of `judge`, after every damaged document or clock that it meets was rebuilt; the rebuilds go into
   * `judged`.
   */
  async #onSound<Answer>(tx: Tx, judged: Judged[], judge: () => Promise<Answer>): Promise<Answer> {
    try {
      return await judge()
    } catch (error) {
      if (!(error instanceof Damaged)) throw error
      this.#damaged.add(keyOf(error))
      const request = { actorId: SYSTEM_ID }
      const { command, input: value } = this.#ports.remedy(error)
      const remedy = { ...nobodyWaits, command, request, input: { value, prepared: undefined }, asked: null }
      // The rebuild may meet further damage.
      const healed = await this.#onSound(tx, judged, () => this.#judge(tx, remedy))
      const { isSound = false } = (healed.done.output ?? {}) as { isSound?: boolean }
      this.#ports.damage.found(error, { isRebuilt: isSound })
      judged.push(healed)
      return this.#onSound(tx, judged, judge)
    }
  }

  #parkedNote({ actorId, id: commandId }: Request): Waiting {
    const input = { value: { commandId }, prepared: undefined }
    return { command: this.#ports.whenParked, request: { actorId }, input, asked: null, ...nobodyWaits }
  }

  /** One savepoint around all: the effects of the first are undone if the last is refused. */
  async #judgeGroup(tx: Tx, members: readonly Waiting[]): Promise<Judged[]> {
    const before = this.lastSeq
    const judged: Judged[] = []
    tx.run('savepoint members')
    const undo = () => {
      tx.run('rollback to members')
      tx.run('release members')
      this.lastSeq = before
      for (const { run } of judged) run?.discard()
      this.#ports.documents.forgetSizes()
    }
    try {
      for (const waiting of members) {
        const each = await this.#judge(tx, waiting)
        judged.push(each)
        if (hasFailed(each.done)) break
        await this.#ports.pace.turn()
      }
    } catch (error) {
      if (error instanceof Damaged) undo()
      throw error
    }
    const culprit = judged.at(-1)
    if (culprit === undefined || !hasFailed(culprit.done)) {
      tx.run('release members')
      return judged
    }
    undo()
    const answers: Judged[] = []
    for (const waiting of members) {
      answers.push(this.#fail(tx, waiting, culprit))
      await this.#ports.pace.turn()
    }
    return answers
  }

  /** Answers a member of a group that was undone because of `culprit`. */
  #fail(tx: Tx, waiting: Waiting, culprit: Judged): Judged {
    const known = this.#findAnswer(tx, waiting)
    if (known !== null) return known
    const run = new CommandRun(this.#ports, tx, this.lastSeq + 1, waiting.request)
    run.settleTime()
    const isCulprit = waiting === culprit.waiting
    if (isCulprit) run.waitsFor = culprit.run?.waitsFor ?? null
    const isAnswerOfAll = isCulprit || barOf(culprit.done) !== null
    const done = isAnswerOfAll ? culprit.done : groupAnswer(culprit.waiting.command.name, culprit.done)
    this.#file(tx, waiting, run, done)
    return { waiting, run, done, changes: [], topics: new Set() }
  }

  /** The answer to a repeat, or null if there is no receipt. */
  #findAnswer(tx: Tx, waiting: Waiting): Judged | null {
    const { asked, request } = waiting
    const earlier = request.id === undefined ? undefined : findReceipt(tx, request.id)
    if (earlier === undefined) return null
    const isSame = asked === null || earlier.asked === null || this.#ports.secrets.mayMark(earlier.asked, asked)
    return { waiting, run: null, done: repeated(earlier, request, isSame), changes: [], topics: new Set() }
  }

  async #judge(tx: Tx, waiting: Waiting): Promise<Judged> {
    const { command, request } = waiting
    const known = this.#findAnswer(tx, waiting)
    if (known !== null) return known
    const run = new CommandRun(this.#ports, tx, this.lastSeq + 1, request)
    tx.run('savepoint command')
    try {
      const { output, adjustment } = await run.execute(command, waiting.input)
      const { changes, topics } = await run.finish()
      tx.run('release command')
      if (run.changed) this.#takeSeq(tx, run)
      const done: Done<unknown> = { outcome: adjustment === null ? 'applied' : 'adjusted', ...adjustment, output }
      this.#file(tx, waiting, run, done)
      return { waiting, run, done, changes, topics }
    } catch (error) {
      if (isStorageFailure(error)) throw error
      tx.run('rollback to command')
      tx.run('release command')
      run.discard()
      if (error instanceof Damaged && !this.#damaged.has(keyOf(error))) throw error
      const done = this.#refuse(waiting, error)
      this.#file(tx, waiting, run, done)
      return { waiting, run, done, changes: [], topics: new Set() }
    }
  }

  #takeSeq(tx: Tx, { tag, now }: CommandRun): void {
    this.lastSeq += 1
    insertRow(tx, 'revision', { seq: this.lastSeq, tag, at: now })
  }

  #refuse({ command, request }: Waiting, error: unknown): Answer {
    if (!(error instanceof Refusal)) this.#ports.log.error({ err: error, command: command.name }, 'a command failed')
    return refusedBy(error instanceof Refusal ? error : failure, request.origin ?? ONLINE)
  }

  #file(tx: Tx, waiting: Waiting, run: CommandRun, done: Done<unknown>): void {
    const { request, command, input } = waiting
    if (request.id === undefined || barOf(done) !== null) return
    const asked = waiting.asked === null ? null : this.#ports.secrets.mark(waiting.asked)
    insertRow(tx, 'receipt', receiptOf({ id: request.id, name: command.name, input, asked, request }, run, done))
  }
}

function keyOf({ what, id }: Damaged): string {
  return `${what} ${id}`
}

const failure = new Refusal(
  'internal',
  'The server failed on this command.',
  'The administrator finds the cause in the log.',
)

/**
 * Whether the command waits for a person from now on. If so, it moves the position of its device, which has to notice
 * if the receipt is lost.
 */
function isParked({ run, done }: Judged): boolean {
  return run !== null && done.outcome === 'parked'
}
