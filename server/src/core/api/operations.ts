/** Every operation of the router by its path: token scopes, REST and the reference page derive from it. */
import { isWork, type Action } from '@rejoin/shared/access/access.ts'
import type { AnyOperation } from '@rejoin/shared/contract/operation.ts'
import { Refusal, type ErrorCode } from '@rejoin/shared/errors.ts'

/** By path, such as `tickets.resolve`. */
export type Operations = ReadonlyMap<string, AnyOperation>

interface Listed {
  readonly _def: { readonly procedures: object }
}

export function operationsOf({ _def }: Listed): Operations {
  const procedures = Object.entries(_def.procedures as Record<string, { readonly meta?: { operation?: AnyOperation } }>)
  return new Map(procedures.flatMap(([path, { meta }]) => (meta?.operation ? [[path, meta.operation] as const] : [])))
}

/**
 * The scopes of which an API token needs one to call the operation; none if only people may. The command checks again.
 */
export function scopesOf({ actions, isForTokens }: AnyOperation): readonly Action[] {
  return isForTokens && actions.every(isWork) ? actions : []
}

/** Refuses an API token to which none of these scopes was given. */
export function lacksScope(...wanted: readonly Action[]): Refusal {
  return new Refusal(
    'forbidden',
    `This API token does not have the scope ${wanted.join(' or ')}.`,
    'Create a token with this scope.',
  )
}

/** Every code that an operation may answer with, through any door. */
export function codesOf(operation: AnyOperation): ReadonlySet<ErrorCode> {
  const { codes, actions, isPublic, type } = operation
  const isCommand = type === 'command'
  const where = (isSo: boolean, ...some: ErrorCode[]) => (isSo ? some : [])
  return new Set<ErrorCode>([
    'invalid',
    'too-many-requests',
    'internal',
    'unavailable',
    'too-large',
    // To an API token that is for something else.
    'forbidden',
    ...where(!isPublic, 'unauthenticated', 'account-disabled'),
    ...where(actions.length > 0, 'not-found'),
    ...where(isCommand && operation.keeps === 'receipt' && !isPublic, 'id-taken', 'key-reused'),
    ...where(isCommand && operation.guard !== null, 'too-many-attempts'),
    // An approver lets these commands run with the past of a device.
    ...where('isAddition' in operation && actions.length > 0, 'rights-changed'),
    ...codes,
  ])
}
