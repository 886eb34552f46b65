/**
 * The decided commands of this device. Each is kept with its input for some time, so that it can be offered again to a
 * server that has lost it; one that was once parked or not `applied` is kept until its author dismisses it.
 */
import { documentIdOf } from '@rejoin/shared/kinds.ts'
import type { Verdict } from '@rejoin/shared/sync/verdicts.ts'
import type { Draft } from './journal.ts'
import {
  asToday,
  madeBy,
  numberedKey,
  recordsUnder,
  VERDICT_PREFIX,
  type DecidedRecord,
  type MadeCommand,
  type OutboxRecord,
  type Records,
} from './records.ts'

export type DecisionTimes = Pick<DecidedRecord, 'decidedAt' | 'effectiveAt'>

interface Decided extends DecidedRecord {
  readonly order: number
}

export class Inbox {
  readonly #decided = new Map<string, Decided>()
  #nextOrder: number

  /** The next verdict's number is `firstOrder` at least. */
  constructor(records: Records, firstOrder: number) {
    this.#nextOrder = firstOrder
    for (const [number, record] of recordsUnder<DecidedRecord>(records, VERDICT_PREFIX)) {
      const order = Number(number)
      this.#decided.set(record.command.id, { ...record, command: madeBy(record.command), order })
      this.#nextOrder = Math.max(this.#nextOrder, (record.latestOrder ?? order) + 1)
    }
  }

  /** Oldest verdict first. */
  all(): DecidedRecord[] {
    return [...this.#decided.values()]
  }

  find(commandId: string): DecidedRecord | undefined {
    return this.#decided.get(commandId)
  }

  /** The parked commands about the ticket that their author has not withdrawn. */
  parkedOf(ticketId: string): MadeCommand[] {
    const parked = this.all().filter(({ verdict, isDismissed }) => verdict.outcome === 'parked' && !isDismissed)
    return parked.map(({ command }) => asToday(command)).filter((command) => documentIdOf(command) === ticketId)
  }

  /** The number that the next verdict will have. */
  get nextOrder(): number {
    return this.#nextOrder
  }

  /** The commands whose present verdict has the number `order` or a later one. */
  decidedFrom(order: number): DecidedRecord[] {
    return [...this.#decided.values()].filter((each) => (each.latestOrder ?? each.order) >= order)
  }

  decide(draft: Draft, { command, text }: OutboxRecord, verdict: Verdict, times: DecisionTimes): void {
    this.#write(draft, {
      order: this.#takeOrder(),
      command,
      ...(text && { text }),
      verdict,
      ...times,
      isDismissed: false,
    })
  }

  /** Takes another verdict on a decided command. Where it differs, the command is in the author's inbox again. */
  decideAgain(draft: Draft, verdict: Verdict, decidedAt: number): void {
    const decided = this.#decided.get(verdict.id)
    if (decided === undefined || isSame(decided.verdict, verdict)) return
    // The author knows of their own withdrawal; any other new verdict they have not seen.
    const isDismissed = decided.isDismissed && verdict.code === 'withdrawn'
    const wasParked = decided.wasParked === true || decided.verdict.outcome === 'parked'
    const latestOrder = this.#takeOrder()
    this.#write(draft, { ...decided, verdict, latestOrder, decidedAt, isDismissed, ...(wasParked && { wasParked }) })
  }

  /** The server has lost the changes after `cursor` and reuses their numbers: no command has seen the new ones. */
  forgetSeen(draft: Draft, cursor: number): void {
    for (const decided of this.#decided.values()) {
      if (decided.command.seen <= cursor) continue
      this.#write(draft, { ...decided, command: { ...decided.command, seen: cursor } })
    }
  }

  dismiss(draft: Draft, commandId: string): void {
    const decided = this.#decided.get(commandId)
    if (decided !== undefined) this.#write(draft, { ...decided, isDismissed: true })
  }

  /** Forgets the commands decided before `horizonAt`, except those that wait for their author. */
  prune(draft: Draft, horizonAt: number): void {
    for (const decided of this.#decided.values()) {
      if (decided.decidedAt < horizonAt && !isWaiting(decided)) this.#remove(draft, decided)
    }
  }

  /** Keeps only refused commands that are not dismissed, without the server's messages: the server has all others. */
  wipe(draft: Draft): void {
    for (const decided of this.#decided.values()) {
      const { verdict, isDismissed } = decided
      const { id, outcome, code } = verdict
      if (outcome !== 'refused' || isDismissed) this.#remove(draft, decided)
      else this.#write(draft, { ...decided, verdict: { id, outcome, code } })
    }
  }

  #remove(draft: Draft, { order, command }: Decided): void {
    draft.delete(numberedKey(VERDICT_PREFIX, order))
    draft.after(() => void this.#decided.delete(command.id))
    draft.touch('verdicts')
  }

  #takeOrder(): number {
    const order = this.#nextOrder
    this.#nextOrder += 1
    return order
  }

  #write(draft: Draft, decided: Decided): void {
    const { order, ...record } = decided
    draft.put(numberedKey(VERDICT_PREFIX, order), record satisfies DecidedRecord)
    draft.after(() => void this.#decided.set(record.command.id, decided))
    draft.touch('verdicts')
  }
}

function isSame(a: Verdict, b: Verdict): boolean {
  return a.outcome === b.outcome && a.code === b.code
}

/** Whether the author has yet to look at it. */
export function isWaiting({ verdict, isDismissed, wasParked }: DecidedRecord): boolean {
  return !isDismissed && (verdict.outcome !== 'applied' || wasParked === true)
}
