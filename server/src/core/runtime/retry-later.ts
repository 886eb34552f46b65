/** Refusals of requests that are welcome later, with the time to retry. */
import { Refusal, type ErrorCode } from '@rejoin/shared/errors.ts'

export class RetryLater extends Refusal {
  readonly retryAfterMs: number

  constructor(code: ErrorCode, message: string, { hint, retryAfterMs }: { hint: string; retryAfterMs: number }) {
    super(code, message, hint)
    this.retryAfterMs = Math.ceil(retryAfterMs)
  }
}

/** The server has too much to do. */
export class Busy extends RetryLater {
  constructor(retryAfterMs: number) {
    const hint = 'Nothing is lost. Try again later.'
    super('unavailable', 'The server is busy.', { hint, retryAfterMs })
  }
}
