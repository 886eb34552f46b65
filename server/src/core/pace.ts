/** Lets others have their turn in the middle of long work: the event loop is nobody's alone. */
import { setImmediate } from 'node:timers/promises'

/** Resolves at once, and in a later turn of the event loop at every `each`th call. */
export function pacedBy(each: number): () => Promise<void> {
  let calls = 0
  return async () => {
    calls += 1
    if (calls % each === 0) await setImmediate()
  }
}

/**
 * Resolves at once, and in a later turn of the event loop where the present one has taken `ms`. It is the machine's time
 * that counts, and nothing but when others have their turn follows from it.
 */
export function pacedByTime(ms: number): () => Promise<void> {
  let began = performance.now()
  return async () => {
    if (performance.now() - began < ms) return
    await setImmediate()
    began = performance.now()
  }
}
