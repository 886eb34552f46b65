/**
 * The clock of the machine, and durations, which go by no calendar: whoever waits for so long does not wait longer because
 * somebody has set the clock.
 */

/** Whether `at` is no longer ago than `ms`. What lies ahead of now was noted by a clock that was wrong: it is not. */
export function isWithin(ms: number, at: number, now: number): boolean {
  return at <= now && now - at < ms
}

/** What `app.now()` is unless a test drives it, and what the operator's commands go by. */
export const systemClock: () => number = Date.now

/** For durations: ms since some moment. */
export const monotonicMs: () => number = () => performance.now()

/** For durations by a clock that may be set back: what goes back counts as nothing. */
export function neverBack(now: () => number): () => number {
  let last = now()
  let passed = 0
  return () => {
    const at = now()
    passed += Math.max(0, at - last)
    last = at
    return passed
  }
}
