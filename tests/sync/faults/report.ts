/** What a run, or many, have to say at the end. */
import type { Outcome } from './simulate.ts'

export interface Replay {
  readonly seed: number
  readonly steps: number
  readonly isInProcess: boolean
}

export function failureText({ seed, steps, isInProcess }: Replay, { book, error }: Outcome): string {
  const flags = `--seed ${seed} --runs 1 --steps ${steps}${isInProcess ? ' --in-process' : ''}`
  return [
    `Seed ${seed} failed: ${error?.stack ?? 'for no reason'}`,
    `Replay it with: npx -y pnpm@12 test:soak ${flags}`,
    'The last steps:',
    ...book.trace.map((line) => `  ${line}`),
    '',
  ].join('\n')
}

/** Counts over many runs. */
export class Summary {
  seeds = 0
  failures = 0
  readonly #firstSeed: number
  #commands = 0
  readonly #counts = new Map<string, number>()
  readonly #startedAt = performance.now()
  readonly #faults = new Map<string, number>()
  readonly #decisions = new Map<string, number>()
  readonly #outcomes = new Map<string, number>()

  constructor(firstSeed: number) {
    this.#firstSeed = firstSeed
  }

  add({ book, counts, error }: Outcome): void {
    this.seeds += 1
    this.#commands += book.made.size
    for (const [kind, count] of Object.entries(counts)) raise(this.#counts, kind, count)
    if (error !== null) this.failures += 1
    for (const [kind, count] of book.faults) raise(this.#faults, kind, count)
    for (const { name, id } of book.made.values()) {
      const outcome = book.said.heard.get(id)?.outcome ?? 'lost'
      if (/^(parked|user)\./.test(name)) raise(this.#decisions, `${name}: ${outcome}`, 1)
    }
    for (const { outcome, code } of book.said.heard.values()) {
      raise(this.#outcomes, code === undefined ? outcome : `${outcome}: ${code}`, 1)
    }
  }

  text(): string {
    const seconds = Math.round((performance.now() - this.#startedAt) / 1000)
    return [
      `${this.seeds} seeds (${this.#firstSeed} to ${this.#firstSeed + this.seeds - 1}) in ${seconds} s, ${this.#commands} commands, ${this.failures} failures`,
      ...listed(this.#counts),
      'faults:',
      ...listed(this.#faults),
      'decisions and changes of rights:',
      ...listed(this.#decisions),
      'verdicts:',
      ...listed(this.#outcomes),
      '',
    ].join('\n')
  }
}

function raise(counts: Map<string, number>, kind: string, by: number): void {
  counts.set(kind, (counts.get(kind) ?? 0) + by)
}

function listed(counts: ReadonlyMap<string, number>): string[] {
  return [...counts].toSorted(([, a], [, b]) => b - a).map(([kind, count]) => `  ${String(count).padStart(7)}  ${kind}`)
}
