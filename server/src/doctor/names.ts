/** Names that read the same and are not: whoever picks one from a list cannot tell which it is. */
import { composed } from '@rejoin/shared/names.ts'
import type { Read } from '../core/db.ts'
import { fine, type Finding } from './finding.ts'

const TABLES = [
  { table: 'department', what: 'departments', hint: 'Rename all but one with departments.rename.' },
  { table: 'customRole', what: 'roles', hint: 'Rename all but one with accounts.roles.edit.' },
  { table: 'slaCalendar', what: 'calendars', hint: 'Rename all but one with sla.calendars.edit.' },
] as const

interface Named {
  readonly id: string
  readonly name: string
}

export function lookAtNames(read: Read): Finding[] {
  const findings = TABLES.flatMap((of) => twinsOf(read, of.table).map((twins) => findingOf(of, twins)))
  return findings.length === 0
    ? [fine('names', 'No two departments, roles or calendars have the same name.')]
    : findings
}

function twinsOf(read: Read, table: (typeof TABLES)[number]['table']): Named[][] {
  const rows = read.rows<Named>(`select id, name from "${table}" order by name, id`, [])
  return [...Map.groupBy(rows, ({ name }) => composed(name).toLowerCase()).values()].filter(({ length }) => length > 1)
}

function findingOf({ what, hint }: (typeof TABLES)[number], twins: readonly Named[]): Finding {
  const ids = twins.map(({ id }) => id).join(', ')
  return {
    check: 'names',
    severity: 'warning',
    message: `${twins.length} ${what} are all named ${composed(twins[0]?.name ?? '')}; their ids are ${ids}.`,
    hint,
  }
}
