/** Waiting with a limit. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves with true when `work` does, or with false after `ms`. */
export async function endsWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController()
  const tooLong = sleep(ms, false, { signal: timer.signal }).catch(() => false)
  try {
    return await Promise.race([work.then(() => true), tooLong])
  } finally {
    timer.abort()
  }
}
