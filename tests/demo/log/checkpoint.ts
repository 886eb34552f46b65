/** Everybody rejoins, and what they hold is compared with the server. */
import { mustMatch } from '../checks.ts'
import { compareReplicas } from '../replicas.ts'
import type { Person } from '../workspace.ts'
import type { Group } from './group.ts'

/** Returns how many replicas were compared. Throws `DoesNotHold`. */
export async function checkpoint(admin: Person, groups: readonly Group[]): Promise<number> {
  await Promise.all(groups.map((group) => group.rejoin()))
  // Only now that nobody has anything left to send does everybody get the last of it.
  await Promise.all(groups.map(({ field }) => field.rejoin()))
  const fields = groups.map(({ field }) => field)
  for (const { person, device } of fields) mustMatch(`nothing of ${person.name} waits`, device.pending(), [])
  return compareReplicas(admin.api, fields)
}
