/** A refusal as the last word of a session. */
import { wipes, type Refusal } from '@rejoin/shared/errors.ts'
import type { ErrorFrame } from '@rejoin/shared/sync/wire.ts'
import type { z } from 'zod'
import { RetryLater } from '../../core/runtime/retry-later.ts'
import { Cloned } from './greetings.ts'

export function errorFrame(refusal: Refusal): z.input<typeof ErrorFrame> {
  const { code, message, hint } = refusal
  const retryAfter = refusal instanceof RetryLater ? refusal.retryAfterMs : undefined
  const become = refusal instanceof Cloned ? refusal.become : undefined
  return { type: 'error', code, message, hint, retryAfter, wipe: wipes(code), become }
}
