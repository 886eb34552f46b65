/** Ids that the server mints, and the name under which it acts itself. */
import { randomInt } from 'node:crypto'
import { v7 } from 'uuid'

export const SYSTEM_ID = 'system'

const last = { msecs: -1, seq: 0 }

/** A UUIDv7 that sorts behind those minted before it, also within one millisecond. */
export function newId(now: number): string {
  last.seq = now === last.msecs ? last.seq + 1 : randomInt(2 ** 31)
  last.msecs = now
  return v7({ msecs: now, seq: last.seq })
}
