/**
 * The operations that an API token may call: those whose actions are work, with one of them among the token's scopes.
 * The rest is for signed-in people: their account, their sessions, their notifications, and the doors of devices. The
 * command checks the access table again, with the token's scopes.
 */
import type { Action } from '@rejoin/shared/access/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { lacksScope, scopesOf, type Operations } from '../core/api/operations.ts'

/** Throws `Refusal('forbidden')` unless a token with `scopes` may call all of these paths. */
export function mustBeFor(operations: Operations, scopes: readonly Action[], paths: readonly string[]): void {
  for (const path of paths) {
    const operation = operations.get(path)
    const wanted = operation === undefined ? [] : scopesOf(operation)
    if (wanted.length === 0) throw forPeople(path)
    if (!wanted.some((scope) => scopes.includes(scope))) throw lacksScope(...wanted)
  }
}

export function forPeople(what: string): Refusal {
  return new Refusal('forbidden', `API tokens cannot be used for ${what}.`, 'Sign in.')
}
