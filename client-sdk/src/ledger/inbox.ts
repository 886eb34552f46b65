/**
 * What became of the commands of this device. Every decided command is kept with its input for 30 days, and for as
 * long as its author has not dismissed what was not simply applied.
 */
import type { Verdict } from '@rejoin/shared/verdicts.ts'
import type { Draft } from './journal.ts'
import {
  numberedKey,
  recordsUnder,
  VERDICT_PREFIX,
  type DecidedRecord,
  type OutboxRecord,
  type Records,
} from './records.ts'

export const KEEP_DECIDED_MS = 30 * 24 * 3_600_000

interface Decided extends DecidedRecord {
  readonly order: number
}

export class Inbox {
  readonly #decided = new Map<string, Decided>()
  #nextOrder = 1

  constructor(records: Records) {
    for (const [number, record] of recordsUnder<DecidedRecord>(records, VERDICT_PREFIX)) {
      const order = Number(number)
      this.#decided.set(record.command.id, { ...record, order })
      this.#nextOrder = order + 1
    }
  }

  /** Oldest verdict first. */
  all(): DecidedRecord[] {
    return [...this.#decided.values()]
  }

  find(commandId: string): DecidedRecord | undefined {
    return this.#decided.get(commandId)
  }

  decide(draft: Draft, { command, text }: OutboxRecord, verdict: Verdict, decidedAt: number): void {
    const order = this.#nextOrder
    this.#nextOrder += 1
    this.#write(draft, { order, command, ...(text && { text }), verdict, decidedAt, isDismissed: false })
  }

  dismiss(draft: Draft, commandId: string): void {
    const decided = this.#decided.get(commandId)
    if (decided !== undefined) this.#write(draft, { ...decided, isDismissed: true })
  }

  /** Forgets what was decided before `horizonAt` and waits for nobody. */
  prune(draft: Draft, horizonAt: number): void {
    for (const decided of this.#decided.values()) {
      if (decided.decidedAt >= horizonAt || isWaiting(decided)) continue
      draft.delete(numberedKey(VERDICT_PREFIX, decided.order))
      draft.after(() => void this.#decided.delete(decided.command.id))
    }
  }

  #write(draft: Draft, decided: Decided): void {
    const { order, ...record } = decided
    draft.put(numberedKey(VERDICT_PREFIX, order), record satisfies DecidedRecord)
    draft.after(() => void this.#decided.set(record.command.id, decided))
    draft.touch('verdicts')
  }
}

/** Whether the author has yet to look at it. */
export function isWaiting({ verdict, isDismissed }: DecidedRecord): boolean {
  return verdict.outcome !== 'applied' && !isDismissed
}
