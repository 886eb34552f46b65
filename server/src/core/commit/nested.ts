/**
 * Commands that run within another, each on a savepoint of its own, so that a failed one leaves no trace and does not
 * fail the outer one. Disk errors and bugs fail both.
 */
import { describeIssues, Refusal } from '@rejoin/shared/errors.ts'
import type { AdjustmentCode } from '@rejoin/shared/sync/verdicts.ts'
import { isStorageFailure } from '../storage/sqlite.ts'
import type { Tx } from '../storage/db.ts'
import type { AnyCommand, Answer, Behalf, Call, CommandContext } from '../command.ts'
import type { Pace } from '../runtime/pace.ts'
import type { Edits } from './edits.ts'
import { groupAnswer, Undone } from './group.ts'
import { hasFailed, refusedBy } from './outcome.ts'

/** The person in whose name, and the time at which, a command runs. */
export type Whose = Behalf & Pick<CommandContext, 'effectiveAt' | 'seen' | 'isProven'>

export interface Adjustment {
  readonly code: AdjustmentCode
  readonly message: string
  readonly hint?: string
}

/** The context of a command, and the adjustment that it made. */
export interface Given {
  readonly context: CommandContext
  adjustment(): Adjustment | null
}

export class Nested {
  readonly #tx: Tx
  readonly #edits: Edits
  readonly #pace: Pace
  readonly #given: (whose: Whose) => Given
  #depth = 0

  constructor({ tx, edits, pace }: { tx: Tx; edits: Edits; pace: Pace }, given: (whose: Whose) => Given) {
    this.#tx = tx
    this.#edits = edits
    this.#pace = pace
    this.#given = given
  }

  async call(whose: Whose, command: AnyCommand, rawInput: unknown): Promise<Answer> {
    await this.#pace.turn()
    return this.#orUndone<Answer>(
      async () => {
        const parsed = command.input.safeParse(rawInput)
        if (!parsed.success) throw new Refusal('invalid', describeIssues(parsed.error))
        const { context, adjustment } = this.#given(whose)
        await command.run(context, parsed.data, undefined)
        const adjusted = adjustment()
        return adjusted === null ? { outcome: 'applied' } : { outcome: 'adjusted', ...adjusted }
      },
      (error) => answerTo(error, whose),
    )
  }

  callTogether(calls: readonly Call[], behalf: Behalf): Promise<Answer[]> {
    return this.#orUndone(
      async () => {
        const answers: Answer[] = []
        for (const [index, { command, input, effectiveAt, seen }] of calls.entries()) {
          const answer = await this.call({ ...behalf, effectiveAt, seen, isProven: true }, command, input)
          if (hasFailed(answer)) throw new Undone(index, answer)
          answers.push(answer)
        }
        return answers
      },
      (error) => {
        if (!(error instanceof Undone)) throw error
        const { index: culprit, answer } = error
        const name = calls[culprit]?.command.name ?? ''
        return calls.map((_, index) => (index === culprit ? answer : groupAnswer(name, answer)))
      },
    )
  }

  /** Runs `work` on a savepoint of its own. If it throws, its effects are undone, and `translate` answers or throws. */
  async #orUndone<T>(work: () => Promise<T>, translate: (error: unknown) => T): Promise<T> {
    const savepoint = `call${(this.#depth += 1)}`
    const before = this.#edits.mark()
    this.#tx.run(`savepoint ${savepoint}`)
    try {
      const answer = await work()
      this.#tx.run(`release ${savepoint}`)
      return answer
    } catch (error) {
      if (isStorageFailure(error)) throw error
      const answer = translate(error)
      this.#tx.run(`rollback to ${savepoint}`)
      this.#tx.run(`release ${savepoint}`)
      this.#edits.undoTo(before)
      return answer
    } finally {
      // The next savepoint beside it has the same name, and so the same statements.
      this.#depth -= 1
    }
  }
}

/** Throws an error that is no refusal. */
function answerTo(error: unknown, whose: Whose): Answer {
  if (error instanceof Refusal) return refusedBy(error, whose)
  throw error
}
