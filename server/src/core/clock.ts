/** The clock of the machine: what `app.now()` is unless a test drives it, and what the operator's commands go by. */
export const systemClock: () => number = Date.now

/** Starts to measure a duration; the answer gives how long it has been, in ms. Durations go by no calendar. */
export function stopwatch(): () => number {
  const startedAt = performance.now()
  return () => performance.now() - startedAt
}
