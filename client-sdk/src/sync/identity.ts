/**
 * Who the device is to the server, and how a copy of its store is told from it: each greeting has a number and a random
 * mark, and both are stored before they are sent.
 *
 * 1. A greeting that was not answered is repeated as it is: the server may or may not have heard of it.
 * 2. A device that is told that its store is a copy goes on as another one, with all that it holds and all that waits.
 */
import type { Incarnation } from '@rejoin/shared/sync/wire.ts'
import type { Draft } from '../ledger/journal.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Meta } from '../ledger/records.ts'

/** Draws the greeting that the next connection begins with. */
export function beginGreeting(draft: Draft, { meta }: Ledger): void {
  const { greeting, isGreetingAnswered } = meta.value
  if (greeting !== null && !isGreetingAnswered) return
  const [count] = greeting ?? [0]
  meta.update(draft, { greeting: [count + 1, randomMark()], isGreetingAnswered: false })
}

/** The device's own facts that a batch settles. */
export function answeredGreeting({ incarnation }: Meta, given: number | undefined): Partial<Meta> {
  return { isGreetingAnswered: true, incarnation: given ?? incarnation }
}

export function beginIncarnation(draft: Draft, { meta, replica }: Ledger, { device, incarnation }: Incarnation): void {
  const { deviceId, formerId, greeting } = meta.value
  // The server never knew an incarnation without a greeting.
  const before = greeting === null ? formerId : deviceId
  meta.update(draft, { deviceId: device, incarnation, formerId: before, greeting: null, isGreetingAnswered: false })
  draft.touch('identity')
  draft.after(() => replica.renewAuthor())
}

/** Not the environment's chance, which a test may fix: two copies of a store must not draw the same. */
function randomMark(): number {
  const [mark = 0] = crypto.getRandomValues(new Uint32Array(1))
  return mark
}
