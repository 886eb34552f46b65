/** The full formulas: E, the working time outside the pauses of a clock, and the least instant by which so much is used. */
import type { Pause } from '../clock.ts'
import type { WorkingTime } from '@rejoin/shared/sla/working-time.ts'

/** `[from, until)` in which a clock ran, by the wall; the last may be without end. */
export interface Run {
  readonly from: number
  readonly until: number
  /** The pause it came after; null for the start. */
  readonly after: Pause['why'] | null
}

/** The runs of a clock up to `until`. */
export function runsOf({ startAt, pauses }: { startAt: number; pauses: readonly Pause[] }, until: number): Run[] {
  const runs: Run[] = []
  let from: number | null = startAt
  let after: Run['after'] = null
  for (const pause of pauses) {
    if (from !== null) runs.push({ from, until: Math.min(pause.from, until), after })
    from = pause.until
    after = pause.why
  }
  if (from !== null) runs.push({ from, until, after })
  return runs.filter((run) => run.from < run.until)
}

/** |E| over the runs, ms. */
export function workedIn(working: WorkingTime, runs: readonly Run[]): number {
  return runs.reduce((total, { from, until }) => total + working.between(from, until), 0)
}

/** `min{ t : |E ∩ [start, t)| ≥ workMs }`; null when the runs do not hold so much. */
export function usedUpAt(working: WorkingTime, runs: readonly Run[], workMs: number): number | null {
  let missing = workMs
  for (const { from, until } of runs) {
    const worked = until === Infinity ? Infinity : working.between(from, until)
    if (worked >= missing) return working.add(from, missing)
    missing -= worked
  }
  return null
}

/** The pauses with the open one, if there is one, closed at `at`. */
export function closedAt(pauses: readonly Pause[], at: number): readonly Pause[] {
  const last = pauses.at(-1)
  return last?.until === null ? [...pauses.slice(0, -1), { ...last, until: at }] : pauses
}
