/**
 * The letters that an editor types, until they are stored. The first after a pause is stored at once; those that follow
 * within a second are stored together, so that a text costs rows by the second and not by the letter. Nobody hears of a
 * letter before it is on disk. It decides nothing: `editor.ts` handles updates that do not merge.
 */
import * as Y from 'yjs'

const GATHER_MS = 1000
/** An update larger than anybody types in a second is stored at once. */
const MAX_BYTES = 64 * 1024

export class Typing {
  readonly #flush: () => void
  #updates: Uint8Array[] = []
  #bytes = 0
  #timer: NodeJS.Timeout | null = null

  /** `flush` is called when it is time to `take` the gathered letters. */
  constructor(flush: () => void) {
    this.#flush = flush
  }

  add(update: Uint8Array): void {
    this.#updates.push(update)
    this.#bytes += update.length
    if (this.#timer === null) this.#next()
    else if (this.#bytes > MAX_BYTES) this.#flush()
  }

  /** The waiting updates, in the order of typing. */
  take(): Uint8Array[] {
    const updates = this.#updates
    this.#updates = []
    this.#bytes = 0
    return updates
  }

  /** Stops the timer. */
  end(): void {
    clearTimeout(this.#timer ?? undefined)
  }

  #next(): void {
    this.#timer = setTimeout(() => {
      this.#timer = null
      if (this.#updates.length > 0) this.#next()
    }, GATHER_MS)
    this.#flush()
  }
}

/** Whether the update only inserts and deletes letters, as far as the update itself shows. */
export function isTyping(update: Uint8Array): boolean {
  if (update.length > MAX_BYTES) return false
  try {
    return Y.decodeUpdate(update).structs.every(isLetters)
  } catch {
    // It is no update; the merge reports that.
    return false
  }
}

function isLetters(struct: unknown): boolean {
  return (
    struct instanceof Y.Item &&
    (struct.content instanceof Y.ContentString || struct.content instanceof Y.ContentDeleted)
  )
}
