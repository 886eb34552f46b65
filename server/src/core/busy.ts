/** The refusal of a server that has too much to do: the same request is welcome later. */
import { Refusal } from '@rejoin/shared/errors.ts'

export class Busy extends Refusal {
  readonly retryAfterMs: number

  constructor(retryAfterMs: number) {
    super('unavailable', 'The server has too much to do just now.', 'Nothing is lost. Try again later.')
    this.retryAfterMs = retryAfterMs
  }
}
