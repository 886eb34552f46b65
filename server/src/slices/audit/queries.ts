/** Reading the audit log. */
import { sql } from 'kysely'
import type { ParsedOf } from '@rejoin/shared/contract/operation.ts'
import { mustAnywhere } from '../accounts/queries.ts'
import { storedJson } from '../../core/storage/stored-json.ts'
import type { QueryContext } from '../../core/api/procedures.ts'
import type { list } from './contract.ts'

/** Before that row in the order of time, in which a clock that was set back puts rows elsewhere than their numbers do. */
function earlier(number: number) {
  return sql<boolean>`(at, number) < ((select at from audit where number = ${number}), ${number})`
}

const EQUAL = ['type', 'actorId', 'subject', 'subjectId', 'address'] as const

/** The newest first. `next` is null on the last page. Administrators only. */
export async function auditEntries({ read, actor }: QueryContext, filter: ParsedOf<typeof list>) {
  mustAnywhere(actor, 'audit.read')
  const { from, to, before, limit } = filter
  let select = read.selectFrom('audit').selectAll()
  // By the time where nothing else is asked, so that an old stretch is not looked for from the newest row on.
  const isByTime = (from !== undefined || to !== undefined) && EQUAL.every((column) => filter[column] === undefined)
  if (isByTime) select = select.orderBy('at', 'desc')
  select = select.orderBy('number', 'desc')
  for (const column of EQUAL) {
    const value = filter[column]
    if (value !== undefined) select = select.where(column, '=', value)
  }
  if (from !== undefined) select = select.where('at', '>=', from)
  if (to !== undefined) select = select.where('at', '<', to)
  if (before !== undefined) select = select.where(isByTime ? earlier(before) : sql<boolean>`number < ${before}`)
  const rows = await select.limit(limit + 1).execute()
  const page = rows.slice(0, limit)
  return {
    entries: page.map((row) => ({
      ...row,
      payload: storedJson<Record<string, unknown>>(read, row.payload, `The content of audit log row ${row.number}`, {}),
    })),
    next: rows.length > limit ? (page.at(-1)?.number ?? null) : null,
  }
}
