/** What a device makes of its clocks: a reading for each command, and the server's time as far as it can be known. */
import { around, placed, type Contact, type DeviceTime } from '@rejoin/shared/sync/time.ts'
import type { Environment } from './environment.ts'

/** As many as an exchange takes. */
const MAX_CONTACTS = 50

export function readClock(environment: Environment): DeviceTime {
  return { wall: Math.trunc(environment.now()), mono: environment.mono(), boot: environment.boot }
}

export function contactAt(serverTime: number, { wall, mono, boot }: DeviceTime): Contact {
  return { serverTime, wall, mono, boot }
}

/**
 * The server's time at `reading`, epoch ms: between the contacts around it, or else since the last one. That is as long as
 * the monotonic clock has counted, or longer by the wall clock: the monotonic one stands still in a sleep.
 */
export function serverTimeAt(reading: DeviceTime, contacts: readonly Contact[]): number {
  const last = contacts.at(-1)
  const { wall, mono, boot } = reading
  if (last === undefined) return wall
  if (around(reading, contacts).after !== null) return Math.round(placed(reading, contacts).time)
  const byWall = last.serverTime + wall - (last.wall ?? wall)
  return Math.round(last.boot === boot ? Math.max(byWall, last.serverTime + mono - last.mono) : byWall)
}

/**
 * The contacts worth keeping after `latest`: it, and those before and after each reading of `waiting`, so that the server
 * can place the commands made then.
 */
export function keepContacts(
  contacts: readonly Contact[],
  latest: Contact,
  waiting: readonly DeviceTime[],
): readonly Contact[] {
  const all = [...contacts, latest]
  const kept = contactsAround(all, waiting)
  if (kept.length <= MAX_CONTACTS) return kept.at(-1) === latest ? kept : [...kept, latest]
  // The first ones tell most of a long absence, the last ones of now.
  return [...kept.slice(0, MAX_CONTACTS / 2), ...kept.slice(-MAX_CONTACTS / 2)]
}

/** Those of `contacts` that are before or after one of the readings, in their order. */
export function contactsAround(contacts: readonly Contact[], readings: readonly DeviceTime[]): readonly Contact[] {
  const wanted = new Set(readings.flatMap((at) => Object.values(around(at, contacts))))
  return contacts.filter((contact) => wanted.has(contact))
}
