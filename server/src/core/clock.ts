/** The clock of the machine: what `app.now()` is unless a test drives it, and what the operator's commands go by. */
export const systemClock: () => number = Date.now

/** For durations, which go by no calendar: ms since some moment. */
export const monotonicMs: () => number = () => performance.now()
