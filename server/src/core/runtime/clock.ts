/** The clock of the machine, and durations, which are independent of it: setting the clock makes no wait longer. */

/** Whether `at` is at most `ms` ago. A time ahead of `now` was noted by a wrong clock: false. */
export function isWithin(ms: number, at: number, now: number): boolean {
  return at <= now && now - at < ms
}

/** The default of `app.now()`, which tests replace; the operator's commands use it too. */
export const systemClock: () => number = Date.now

/** For durations: ms since an arbitrary moment. */
export const monotonicMs: () => number = () => performance.now()

/** For durations by a clock that may be set back: a step back counts as zero. */
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
