/**
 * How large the answers to one request may be, those of all calls of a batch together. They are weighed when they are
 * there and before they are written, so that what is refused costs no more than what was read.
 */
import { Refusal } from '@rejoin/shared/errors.ts'

/** Twice a page of the longest comments: what a single call answers by itself always fits. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024

export class AnswerSize {
  #left = MAX_ANSWER_BYTES

  /** Throws `Refusal('too-large')` when earlier calls of the batch have taken all. */
  mustHaveRoom(): void {
    if (this.#left < 0) throw tooLarge()
  }

  /** Throws `Refusal('too-large')` when `output` does not fit any more. */
  take(output: unknown): void {
    this.#left -= weightOf(output, this.#left)
    this.mustHaveRoom()
  }
}

/** About the bytes of the value as JSON. Counts on only until they are more than `limit`. */
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
    `The answer is larger than ${MAX_ANSWER_BYTES} bytes, the most for one request and all calls of its batch.`,
    'Ask for less at once: a smaller `limit` and page by page, or fewer calls in the batch.',
  )
}
