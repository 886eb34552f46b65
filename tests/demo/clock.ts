/** The clocks of a device that lives in another hour than we do, and catches up when it is told to. */
import { v4 } from 'uuid'
import type { Environment } from '@rejoin/client-sdk/environment.ts'

export class DrivenClock {
  #behindMs: number

  /** It starts that much behind the real time. */
  constructor(behindMs: number) {
    this.#behindMs = behindMs
  }

  pass(ms: number): void {
    this.#behindMs -= ms
  }

  /** Wall and monotonic clock move together, as they do on a device that nobody meddles with. */
  environment(): Pick<Environment, 'now' | 'mono' | 'boot'> {
    const startedAt = this.#now()
    return { now: () => this.#now(), mono: () => this.#now() - startedAt, boot: v4() }
  }

  #now(): number {
    return Date.now() - this.#behindMs
  }
}
