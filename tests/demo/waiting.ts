/** Bounded waiting for events that must happen: one that is late is a failure whose message names it. */
import type { Device } from '@rejoin/client-sdk/device.ts'
import { DoesNotHold } from './checks.ts'
import { seconds } from './terminal.ts'

const BOUND_MS = 30_000

/** The promise's value; throws `DoesNotHold` when it takes longer than the bound. */
export async function within<T>(what: string, promise: Promise<T>, boundMs = BOUND_MS): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new DoesNotHold(`This did not happen within ${seconds(boundMs)}: ${what}`)),
    boundMs,
  )
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves when `isTrue` holds, looking again after each change of the device. */
export async function eventually(device: Device, what: string, isTrue: () => boolean): Promise<void> {
  if (isTrue()) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = device.subscribe(() => {
    if (isTrue()) resolve()
  })
  try {
    await within(what, promise)
  } finally {
    stop()
  }
}
