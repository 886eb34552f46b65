/**
 * The test's own account of a run: every command that somebody made durable or sent, every verdict that crossed a wire,
 * every fault. It notes what it sees at once; `check` throws the first thing that must not be.
 */
import type { Verdict } from '@rejoin/shared/verdicts.ts'

/** Which of the seven laws of ARCHITECTURE.md is broken, or that the server decided otherwise than the rules say. */
export type Law = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 'rules'

export class Violation extends Error {
  constructor(law: Law, what: string) {
    super(law === 'rules' ? `the rules: ${what}` : `law ${law}: ${what}`)
    this.name = 'Violation'
  }
}

export interface Made {
  readonly id: string
  readonly name: string
  input: unknown
  readonly actorId: string
  /** Null for what was sent from a desk. */
  readonly device: string | null
  /** What it is judged with as one. */
  readonly group: string | null
}

export type Heard = Pick<Verdict, 'outcome' | 'code' | 'message' | 'hint'>

const TRACE_LINES = 40

export class Book {
  readonly made = new Map<string, Made>()
  /** The verdict of each command as it was heard first, or as a decision about a parked one made it. */
  readonly heard = new Map<string, Heard>()
  readonly #parked = new Map<string, Heard>()
  readonly faults = new Map<string, number>()
  readonly trace: string[] = []
  #steps = 0
  readonly #violations: Error[] = []

  make(command: Made): void {
    const known = this.made.get(command.id)
    if (known === undefined) this.made.set(command.id, command)
    // What is typed on is merged into a command that nobody has seen yet.
    else known.input = command.input
  }

  hear(id: string, verdict: Heard): void {
    const first = this.heard.get(id)
    const parked = this.#parked.get(id)
    if (verdict.outcome === 'parked' && parked === undefined) this.#parked.set(id, verdict)
    // A device may still store what was overtaken by the decision.
    if (parked !== undefined && sameVerdict(parked, verdict)) return
    if (first === undefined || (first.outcome === 'parked' && this.#isUndone)) this.heard.set(id, verdict)
    else if (!sameVerdict(first, verdict)) {
      this.broken(1, `command ${id} had the verdict ${JSON.stringify(first)} and then ${JSON.stringify(verdict)}`)
    }
  }

  fault(kind: string): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1)
    this.note(`fault: ${kind}`)
  }

  /** Whether anybody took parked work back, which decides it and may decide what waits for it. */
  get #isUndone(): boolean {
    return [...this.made.values()].some(({ name }) => name === 'parked.withdraw')
  }

  step(what: string): void {
    this.#steps += 1
    this.note(`step ${this.#steps}: ${what}`)
  }

  note(line: string): void {
    this.trace.push(line)
    if (this.trace.length > TRACE_LINES) this.trace.shift()
  }

  /** For where throwing would end in somebody else's event loop. */
  broken(law: Law, what: string): void {
    this.#violations.push(new Violation(law, what))
  }

  failed(error: unknown): void {
    this.#violations.push(error instanceof Error ? error : new Error(String(error)))
  }

  check(): void {
    const [first] = this.#violations
    if (first !== undefined) throw first
  }
}

export function sameVerdict(one: Heard, other: Heard): boolean {
  return (
    one.outcome === other.outcome && one.code === other.code && one.message === other.message && one.hint === other.hint
  )
}
