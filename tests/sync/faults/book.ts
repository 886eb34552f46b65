/**
 * The test's own account of a run: every command that somebody made durable or sent, every verdict that crossed a wire,
 * every fault. It notes each at once; `check` throws the first violation.
 */
import { Said, type Heard, type Verdicts } from './said.ts'

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
  /** Null for a command sent from a desk. */
  readonly device: string | null
  /** The group that is judged as one with it. */
  readonly group: string | null
  /** True time by a clock that is always right; null at a desk. */
  readonly doneAt: number | null
}

/** Commands that give parked ones another verdict. */
export const DECISIONS: ReadonlySet<string> = new Set(['parked.approve', 'parked.reject', 'parked.withdraw'])

const TRACE_LINES = 40

export class Book {
  readonly made = new Map<string, Made>()
  readonly said = new Said()
  readonly faults = new Map<string, number>()
  readonly trace: string[] = []
  /** Tickets that were larger than they may be, at least for a while. */
  readonly overfull = new Set<string>()
  #steps = 0
  readonly #violations: Error[] = []

  make(command: Made): void {
    const known = this.made.get(command.id)
    if (DECISIONS.has(command.name)) this.said.hasDecisions = true
    if (known === undefined) this.made.set(command.id, command)
    else known.input = command.input
  }

  /** The command was never sent, and another one has taken its place. */
  unmake(id: string): void {
    this.made.delete(id)
  }

  hear(id: string, verdict: Heard): void {
    this.#mustBeNull(this.said.hear(id, verdict))
  }

  /** A device has stored the verdict. */
  keep(id: string, verdict: Heard): void {
    this.#mustBeNull(this.said.keep(id, verdict))
  }

  /** The server may have another time for earlier actions: it was restored, or its clock was wrong. */
  timesKnownFrom = 0

  /** The server, which knew `before`, was restored from a copy that knows `after`. */
  restored(before: Verdicts, after: Verdicts): void {
    const atDesks = [...this.made.values()].filter(({ device }) => device === null)
    this.said.restored(before, after, new Set(atDesks.map(({ id }) => id)))
  }

  fault(kind: string): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1)
    this.note(`fault: ${kind}`)
  }

  step(what: string): void {
    this.#steps += 1
    this.note(`step ${this.#steps}: ${what}`)
  }

  note(line: string): void {
    this.trace.push(line)
    if (this.trace.length > TRACE_LINES) this.trace.shift()
  }

  /** As `check`, where throwing would end in somebody else's event loop. */
  broken(law: Law, what: string): void {
    this.#violations.push(new Violation(law, what))
  }

  failed(error: unknown): void {
    this.#violations.push(error instanceof Error ? error : new Error(String(error)))
  }

  #mustBeNull(contradiction: string | null): void {
    if (contradiction !== null) this.broken(1, contradiction)
  }

  check(): void {
    const [first] = this.#violations
    if (first !== undefined) throw first
  }
}
