/**
 * What one editor writes, from its message to the commit: typed letters gather for a second, and what builds on something
 * that is still on its way waits for it. It decides nothing: `merge` does.
 *
 * 1. Everything is merged in the order in which it came, but for what waits: all that comes after it waits too.
 * 2. What waits is tried again when the client has answered what the server asks at first: "what have I not?" Where that
 *    does not help it is asked once more, and then the connection ends with a code upon which clients come back.
 */
import * as Y from 'yjs'
import { Refusal } from '@rejoin/shared/errors.ts'
import { Held } from './held.ts'
import { isTyping, Typing } from './typing.ts'

interface Ports {
  now(): number
  /** Throws `Refusal`. */
  merge(update: Uint8Array): Promise<void>
  /** Asks the client for all that the server does not have. */
  ask(): Promise<void>
  /** Calls `store` in its turn. */
  flush(): void
}

export class Writing {
  readonly #ports: Ports
  readonly #typing: Typing
  readonly #held = new Held()
  /** Whether the client is to answer still. It is asked when it comes. */
  #isAsked = true
  #isAskedAgain = false

  constructor(ports: Ports) {
    this.#ports = ports
    this.#typing = new Typing(() => ports.flush())
  }

  /** How many updates wait for what they build on. */
  get held(): number {
    return this.#held.count
  }

  /**
   * Throws `Refusal('missing-dependencies')` when something has waited for too long. Over a slow line an answer may take
   * minutes, but the client says nothing else before it is through.
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

  /** Takes all that the client has and the server had not when it asked. */
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

  /** Stores what was typed until now. Where that does not go together, each by itself: all before the first that fails. */
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

  /** Nothing is stored by itself any more. */
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
