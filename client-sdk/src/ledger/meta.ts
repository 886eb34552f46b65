/** The device's own facts: who it is, whose, and how far it has caught up. */
import { v7 } from 'uuid'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { Environment } from '../environment.ts'
import type { Draft } from './journal.ts'
import { FORMAT, META_KEY, type Meta, type Records } from './records.ts'

export class MetaCell {
  #value: Meta

  constructor(value: Meta) {
    this.#value = value
  }

  get value(): Meta {
    return this.#value
  }

  /** At most once in a turn. */
  update(draft: Draft, change: Partial<Meta>): void {
    const next = { ...this.#value, ...change }
    draft.put(META_KEY, next)
    draft.after(() => {
      this.#value = next
    })
  }
}

/** The stored facts, or those of a new device. Throws `Refusal('invalid')` for a store of a newer format. */
export function readMeta(records: Records, environment: Environment): Meta {
  const stored = records.get(META_KEY) as Meta | undefined
  if (stored === undefined) return newMeta(environment)
  if (stored.format !== FORMAT) {
    throw new Refusal('invalid', 'The store was written by a newer version of this app.', 'Update the app.')
  }
  // What a store of an earlier release does not have yet is as for a new device.
  return { ...newMeta(environment), ...stored }
}

function newMeta(environment: Environment): Meta {
  return {
    format: FORMAT,
    deviceId: v7({ msecs: Math.trunc(environment.now()) }),
    incarnation: 0,
    formerId: null,
    greeting: null,
    isGreetingAnswered: false,
    token: null,
    actor: null,
    epoch: null,
    cursor: 0,
    tag: null,
    places: [],
    isAhead: false,
    contacts: [],
  }
}

/** Throws `Refusal('invalid')` for a token that cannot travel as a WebSocket subprotocol. */
export function checkToken(token: string): string {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(token)) {
    throw new Refusal(
      'invalid',
      'The session token has invalid characters.',
      'Pass the token exactly as the server returned it.',
    )
  }
  return token
}
