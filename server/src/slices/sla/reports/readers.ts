/** Whose clocks a reader of figures may count. */
import { grantsOf, type Actor } from '@rejoin/shared/access/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'

/** Null: of all. Throws `Refusal('forbidden')`. */
export function departmentsOf(actor: Actor): readonly string[] | null {
  const grants = grantsOf(actor, 'sla.report')
  if (grants.includes('any')) return null
  if (grants.includes('department')) return actor.departments
  throw new Refusal('forbidden', 'Your role does not allow this.', 'Ask a supervisor.')
}
