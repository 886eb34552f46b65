/**
 * The outcome of a refused command: the one rule for the commit path and its doors. A command parks only if the error
 * table says so and a device brought it; a person who is online is told no and decides what to do next.
 */
import { ERRORS, type Refusal } from '@rejoin/shared/errors.ts'
import type { Answer } from '../command.ts'

/** `deviceId`: the device that brought the command; null when its author is online. */
export function refusedBy({ code, message, hint }: Refusal, { deviceId }: { deviceId: string | null }): Answer {
  const outcome = deviceId === null ? 'refused' : ERRORS[code].outcome
  return { outcome, code, message, ...(hint !== undefined && { hint }) }
}

export function hasFailed({ outcome }: Pick<Answer, 'outcome'>): boolean {
  return outcome === 'refused' || outcome === 'parked'
}
