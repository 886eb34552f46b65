/** Waiting, but not for ever. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves when `work` does, or after `ms` at the latest; then with false. */
export async function endsWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController()
  const tooLong = sleep(ms, false, { signal: timer.signal }).catch(() => false)
  try {
    return await Promise.race([work.then(() => true), tooLong])
  } finally {
    timer.abort()
  }
}
