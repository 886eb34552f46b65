/** What an answer of the API says beyond its declaration. Every world asks it of every answer; production never does. */
import { isDeepStrictEqual } from 'node:util'
import { codesOf } from '@rejoin/server/core/api/operations.ts'
import type { Answered } from '@rejoin/server/core/api/procedures.ts'
import type { AnyOperation } from '@rejoin/shared/contract/operation.ts'

type Answer = Parameters<Answered>[1]

/** A sentence; null where all of it is declared. A schema drops what it does not know, so both are compared. */
export function undeclared(operation: AnyOperation, answer: Answer): string | null {
  if ('code' in answer) {
    if (codesOf(operation).has(answer.code)) return null
    return `${operation.name} refused with ${answer.code}. Add it to its codes, or refuse with one of them.`
  }
  const sent: unknown = answer.output === undefined ? undefined : JSON.parse(JSON.stringify(answer.output))
  const parsed = operation.output.safeParse(sent)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return `${operation.name} answered what its output forbids: ${issue?.path.join('.')}: ${issue?.message}.`
  }
  if (isDeepStrictEqual(parsed.data, sent)) return null
  return `${operation.name} answered more than its output declares: ${JSON.stringify(sent).slice(0, 300)}`
}
