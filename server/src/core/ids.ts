/** Ids and chance that the server mints, and the name under which it acts itself. */
import { randomFillSync, randomInt } from 'node:crypto'
import { v7 } from 'uuid'

export const SYSTEM_ID = 'system'

const last = { msecs: -1, seq: 0 }

/** A UUIDv7 that sorts behind those minted before it, also within one millisecond. */
export function newId(now: number): string {
  last.seq = now === last.msecs ? last.seq + 1 : randomInt(2 ** 31)
  last.msecs = now
  return v7({ msecs: now, seq: last.seq, rng: () => random(16) })
}

const pool = Buffer.alloc(4096)
let used = pool.length

/** Random bytes. Asking the system each time would take as long as the query that the bytes are for. */
export function random(length: number): Buffer {
  if (used + length > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += length
  return pool.subarray(used - length, used)
}
