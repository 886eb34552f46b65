/** Different rows whose names read the same: a person who picks one from a list cannot tell them apart. */
import { composed, twinKey } from '@rejoin/shared/names.ts'
import type { Read } from '../../core/storage/db.ts'
import { allNamed, type Named, type NamedRows } from '../../core/named.ts'
import { ROLE_NAMES } from '../../slices/accounts/roles/queries.ts'
import { DEPARTMENT_NAMES } from '../../slices/departments/queries.ts'
import { CALENDAR_NAMES } from '../../slices/sla/calendars/queries.ts'
import { POLICY_NAMES } from '../../slices/sla/policies/queries.ts'
import { fine, type Finding } from './finding.ts'

const CHOSEN = [
  { rows: DEPARTMENT_NAMES, what: 'departments', procedure: 'departments.rename' },
  { rows: ROLE_NAMES, what: 'roles', procedure: 'accounts.roles.edit' },
  { rows: CALENDAR_NAMES, what: 'calendars', procedure: 'sla.calendars.edit' },
  { rows: POLICY_NAMES, what: 'policies', procedure: 'sla.policies.edit' },
] as const

export function lookAtNames(read: Read): Finding[] {
  const findings = CHOSEN.flatMap((each) => twinsOf(read, each.rows).map((twins) => findingOf(each, twins)))
  return findings.length === 0
    ? [fine('names', 'No two departments, roles, calendars or policies have the same name.')]
    : findings
}

function twinsOf(read: Read, rows: NamedRows): Named[][] {
  return [...Map.groupBy(allNamed(read, rows), ({ name }) => twinKey(name)).values()].filter(({ length }) => length > 1)
}

function findingOf({ what, procedure }: { what: string; procedure: string }, twins: readonly Named[]): Finding {
  const ids = twins.map(({ id }) => id).join(', ')
  return {
    check: 'names',
    severity: 'warning',
    message: `${twins.length} ${what} are all named ${composed(twins[0]?.name ?? '')}; their ids are ${ids}.`,
    hint: `Rename all but one with ${procedure}.`,
  }
}
