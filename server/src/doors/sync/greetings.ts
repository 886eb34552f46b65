/**
 * The greetings of devices that this server has seen. A store that was copied or rolled back comes with a greeting that
 * its twin has already passed or has made differently. See
 * `docs/decisions/0008-copied-stores-become-devices-of-their-own.md`.
 *
 * 1. A device that repeats its last greeting, as after a lost answer, is no copy; nor is one that is ahead of the
 *    greeting known here, as after a crash or a restore of the server.
 * 2. Calling a device a copy changes nothing: the frame may be an old one that is replayed, without a listener.
 * 3. The last greetings are kept in memory and written down with the contact: a reconnect costs no write.
 */
import { Refusal } from '@rejoin/shared/errors.ts'
import type { Exchange, Incarnation, Greeting } from '@rejoin/shared/sync/wire.ts'
import { newId } from '../../core/ids.ts'
import { lru } from '../../core/runtime/lru.ts'

/** A device that is forgotten here is still known from the last contact that was written down. */
const MAX_DEVICES = 20_000

/** The first incarnation of a store. */
export const FIRST_INCARNATION = 1

/** The refusal of a store that was copied or rolled back: it continues as another device. */
export class Cloned extends Refusal {
  readonly become: Incarnation

  constructor(become: Incarnation) {
    super(
      'cloned-device',
      'The store of this device was copied, or reset to an earlier state.',
      'Continue as the device named in `become`. Queued work is kept and stays valid.',
    )
    this.become = become
  }
}

/** The part of an exchange that introduces a connection. */
export type Introduction = Pick<Exchange, 'device' | 'greeting'>

/** Throws `Refusal` for an exchange that belongs to another connection: its position is that of an earlier time. */
export function mustContinue(first: Introduction, { device, greeting }: Introduction): void {
  if (device !== first.device) {
    throw new Refusal('foreign-device', 'A socket serves one device.', 'Open another socket.')
  }
  const isOther = greeting?.some((part, index) => part !== first.greeting?.[index])
  if (isOther !== true) return
  throw new Refusal('malformed-frame', 'greeting: it belongs to another connection.', 'Connect again.')
}

export class Greetings {
  readonly #last = lru<string, Greeting>(MAX_DEVICES)

  /** The last greeting of the device; null if it never sent one. */
  lastOf(device: string, written: Greeting | null): Greeting | null {
    const seen = this.#last.get(device)
    if (seen === undefined || written === null) return seen ?? written
    return seen[0] < written[0] ? written : seen
  }

  /** Takes the greeting of an exchange, the first of its connection. Throws `Cloned`. */
  take({ device, incarnation, greeting }: Exchange, written: Greeting | null, now: number): void {
    if (greeting === undefined) return
    const last = this.lastOf(device, written)
    const [count, mark] = greeting
    const isBehind = last !== null && count < last[0]
    const isOther = last !== null && count === last[0] && mark !== last[1]
    if (isBehind || isOther) {
      throw new Cloned({ device: newId(now), incarnation: Math.max(incarnation, FIRST_INCARNATION) + 1 })
    }
    this.#last.set(device, greeting)
  }
}
