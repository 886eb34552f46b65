/**
 * The updates of one editor, from its message to the commit: typed letters gather for a second, and an update whose
 * dependencies are still on their way waits for them. It decides nothing: `merge` does.
 *
 * 1. Updates are merged in the order of arrival, except that all updates after a waiting one wait too.
 * 2. A waiting update is tried again when the client has answered the server's first question, "which updates do I
 *    lack?" If that does not help, the server asks once more, and then the connection ends with a code upon which
 *    clients come back.
 */
import * as Y from 'yjs'
import { Refusal } from '@rejoin/shared/errors.ts'
import { Held } from './held.ts'
import { isTyping, Typing } from './typing.ts'

interface Ports {
  now(): number
  /** Throws `Refusal`. */
  merge(update: Uint8Array): Promise<void>
  /** Asks the client for all updates that the server lacks. */
  ask(): Promise<void>
  /** Calls `store` in its turn. */
  flush(): void
}

export class Writing {
  readonly #ports: Ports
  readonly #typing: Typing
  readonly #held = new Held()
  /** Whether the client still has to answer. It is asked when it connects. */
  #isAsked = true
  #isAskedAgain = false

  constructor(ports: Ports) {
    this.#ports = ports
    this.#typing = new Typing(() => ports.flush())
  }

  /** How many updates wait for their dependencies. */
  get held(): number {
    return this.#held.count
  }

  /**
   * Throws `Refusal('missing-dependencies')` if an update has waited for too long. Over a slow line an answer may take
   * minutes, but the client sends nothing else before it is through.
   */
  assertInTime(): void {
    this.#held.assertInTime(this.#ports.now())
  }

  async take(update: Uint8Array): Promise<void> {
    this.assertInTime()
    if (isTyping(update)) {
      this.#typing.add(update)
      return
    }
    await this.store()
    await this.#mergeOrHold(update)
  }

  /** Takes the client's answer: all updates that the server lacked when it asked. */
  async takeAnswer(update: Uint8Array): Promise<void> {
    await this.store()
    const wasAskedAgain = this.#isAskedAgain
    this.#isAsked = false
    this.#isAskedAgain = false
    await this.#ports.merge(update)
    await this.#mergeAll(this.#held.take(), (each) =>
      wasAskedAgain ? this.#ports.merge(each) : this.#mergeOrHold(each),
    )
  }

  /** Stores the typing so far. If it does not merge as one, each update by itself, up to the first that fails. */
  async store(): Promise<void> {
    await this.#mergeAll(this.#typing.take(), (each) => this.#mergeOrHold(each))
  }

  async #mergeAll(updates: readonly Uint8Array[], mergeOne: (update: Uint8Array) => Promise<void>): Promise<void> {
    if (updates.length > 1 && this.#held.count === 0) {
      try {
        await this.#ports.merge(Y.mergeUpdates([...updates]))
        return
      } catch (error) {
        if (!(error instanceof Refusal) || error.code === 'unavailable') throw error
      }
    }
    for (const update of updates) await mergeOne(update)
  }

  /** Stops storing by timer. */
  end(): void {
    this.#typing.end()
  }

  async #mergeOrHold(update: Uint8Array): Promise<void> {
    if (this.#held.count === 0) {
      try {
        await this.#ports.merge(update)
        return
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== 'missing-dependencies') throw error
      }
    }
    this.#held.add(update, this.#ports.now())
    if (this.#isAsked) return
    this.#isAsked = true
    this.#isAskedAgain = true
    await this.#ports.ask()
  }
}
