/**
 * The time that Yjs clients go by, which a test moves on. Their library takes hold of the clock when it is loaded, so this
 * is imported before it; their intervals are Vitest's once `vi.useFakeTimers` has them.
 */
import { vi } from 'vitest'

const real = Date.now
let ahead = 0
Date.now = () => real() + ahead

/** The intervals that are begun from now on follow `passForClients`, until the answer is called. */
export function driveIntervals(): () => void {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  return () => void vi.useRealTimers()
}

export function passForClients(ms: number): void {
  ahead += ms
  vi.advanceTimersByTime(ms)
}
