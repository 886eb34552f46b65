/**
 * How large the answers to one request may be, all calls of a batch together. The calls are answered one after another,
 * and other requests get a turn in between; once the limit is reached, the remaining calls are refused unread.
 */
import { Refusal } from '@rejoin/shared/errors.ts'
import type { Pace } from '../runtime/pace.ts'

/** Several times the size of a ticket with the longest texts and a page of its comments. */
export const MAX_ANSWER_BYTES = 4 * 1024 * 1024

export class AnswerSize {
  readonly #pace: Pace
  #left = MAX_ANSWER_BYTES
  #last: Promise<unknown> = Promise.resolve()

  constructor(pace: Pace) {
    this.#pace = pace
  }

  /**
   * Runs `read` in its turn and resolves with its answer. Throws `Refusal('too-large')` past the limit of the request.
   */
  weigh<Output>(read: () => Output | Promise<Output>): Promise<Output> {
    const answer = this.#last.then(() => this.#answer(read))
    this.#last = answer.catch(() => undefined)
    return answer
  }

  async #answer<Output>(read: () => Output | Promise<Output>): Promise<Output> {
    await this.#pace.turn()
    this.#mustHaveRoom()
    const output = await read()
    this.#left -= weightOf(output, this.#left)
    this.#mustHaveRoom()
    return output
  }

  #mustHaveRoom(): void {
    if (this.#left < 0) throw tooLarge()
  }
}

/** Approximate size of the value as JSON, in bytes. Stops counting beyond `limit`. */
function weightOf(value: unknown, limit: number): number {
  if (typeof value === 'string') return Buffer.byteLength(value) + 2
  if (typeof value !== 'object' || value === null) return 8
  let weight = 2
  for (const [key, member] of Object.entries(value)) {
    weight += (Array.isArray(value) ? 1 : key.length + 4) + weightOf(member, limit - weight)
    if (weight > limit) break
  }
  return weight
}

function tooLarge(): Refusal {
  return new Refusal(
    'too-large',
    `The answer is larger than ${MAX_ANSWER_BYTES} bytes, the limit for one request with all calls of its batch.`,
    'Request less at once: a smaller `limit`, page by page, or fewer calls in the batch.',
  )
}
