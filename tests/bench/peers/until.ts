/** Waiting in the client, with an end. */
import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_MS = 5
const LIMIT_MS = 120_000

/** Resolves when `isTrue` holds, looking every `lookMs`; rejects after two minutes. */
export async function until(isTrue: () => boolean, lookMs = LOOK_MS): Promise<void> {
  const end = performance.now() + LIMIT_MS
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`not within ${LIMIT_MS / 1000} s: ${isTrue.toString()}`)
    await sleep(lookMs)
  }
}
