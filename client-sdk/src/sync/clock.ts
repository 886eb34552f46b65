/** What a device makes of its clocks: a reading for each command, and the server's time as far as it can be known. */
import type { Contact, DeviceTime } from '@rejoin/shared/time.ts'
import type { Environment } from '../environment.ts'

export function readClock(environment: Environment): DeviceTime {
  return { wall: Math.trunc(environment.now()), mono: environment.mono(), boot: environment.boot }
}

/** The server's time at `reading`, epoch ms: from a contact in the same boot, else the wall clock. */
export function serverTimeAt(reading: DeviceTime, contacts: readonly Contact[]): number {
  const contact = contacts.find((each) => each.boot === reading.boot)
  if (contact === undefined) return reading.wall
  return Math.round(contact.serverTime + reading.mono - contact.mono)
}

/**
 * The contacts worth keeping after `latest`: the last one of each boot that has commands waiting, newest last, so that
 * the server can place commands of a boot that has ended.
 */
export function keepContacts(
  contacts: readonly Contact[],
  latest: Contact,
  waitingBoots: ReadonlySet<string>,
): Contact[] {
  const earlier = contacts.filter((each) => each.boot !== latest.boot && waitingBoots.has(each.boot))
  return [...earlier, latest]
}
