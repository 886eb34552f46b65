/** A known one-line breakage, and where it must be noticed. */
export interface Mutation {
  /** The fault that the program then has. */
  readonly what: string
  readonly file: string
  /** Stands in the file exactly once. */
  readonly line: string
  readonly instead: string
  /** The test that must catch it; the simulator of `tests/sync/faults/` where it is absent. */
  readonly test?: string
  /** The one test of that file that must, so that the others need not run. */
  readonly named?: string
}
