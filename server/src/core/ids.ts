/** Ids that the server mints, and the name under which it acts itself. */
import { v7 } from 'uuid'

export const SYSTEM_ID = 'system'

export function newId(now: number): string {
  return v7({ msecs: now })
}
