/** Names that read the same and are not: whoever picks one from a list cannot tell which it is. */
import { composed, twinKey } from '@rejoin/shared/names.ts'
import type { Read } from '../../core/storage/db.ts'
import { allNamed, type Kind, type Named } from '../../core/named.ts'
import { fine, type Finding } from './finding.ts'

const KINDS: Readonly<Record<Kind, { what: string; procedure: string }>> = {
  department: { what: 'departments', procedure: 'departments.rename' },
  role: { what: 'roles', procedure: 'accounts.roles.edit' },
  calendar: { what: 'calendars', procedure: 'sla.calendars.edit' },
  policy: { what: 'policies', procedure: 'sla.policies.edit' },
}

export function lookAtNames(read: Read): Finding[] {
  const findings = (Object.keys(KINDS) as Kind[]).flatMap((kind) =>
    twinsOf(read, kind).map((twins) => findingOf(KINDS[kind], twins)),
  )
  return findings.length === 0
    ? [fine('names', 'No two departments, roles, calendars or policies have the same name.')]
    : findings
}

function twinsOf(read: Read, kind: Kind): Named[][] {
  return [...Map.groupBy(allNamed(read, kind), ({ name }) => twinKey(name)).values()].filter(({ length }) => length > 1)
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
