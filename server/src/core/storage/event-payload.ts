/** What an event of the log says. */
import type { Read } from './db.ts'
import { storedJson } from './stored-json.ts'

/** Empty where the disk has damaged it. */
export function eventPayload(
  read: Pick<Read, 'passedOver'>,
  { id, payload }: { id: number; payload: string },
): Record<string, unknown> {
  return storedJson(read, payload, `The content of event ${id}`, {})
}
