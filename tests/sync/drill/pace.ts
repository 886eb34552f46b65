/** How time goes by in a drill: the machine's own, or one that is driven. */
import type { Environment } from '@rejoin/client-sdk/environment.ts'
import { Clock } from '../../harness/clock.ts'
import type { Random } from '../../harness/random.ts'
import { turns } from '../faults/turns.ts'

export interface Pace {
  readonly clock: Clock
  now(): number
  /** What the device of that name takes from the place it runs in. */
  environmentOf(name: string, random: Random): Partial<Environment>
  pass(ms: number): Promise<void>
}

/** `clock` is only where the run begins: server and devices go by the machine's. */
export function realPace(): Pace {
  return {
    clock: new Clock(Date.now()),
    now: () => Date.now(),
    environmentOf: () => ({}),
    async pass(ms) {
      await new Promise((resolve) => setTimeout(resolve, ms))
    },
  }
}

export function drivenPace(): Pace {
  const clock = new Clock()
  return {
    clock,
    now: clock.now,
    environmentOf: (name, random) => ({
      now: clock.now,
      mono: clock.now,
      boot: name,
      random: random.next,
      after: clock.after,
      onReturn: () => () => undefined,
    }),
    async pass(ms) {
      clock.advance(ms)
      await turns(20)
    },
  }
}
