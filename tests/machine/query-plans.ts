/** SQLite's plan for a query, and the steps of it that cost more than the answer is worth. */
import type SQLite from 'better-sqlite3'

/** Tables that an administrator fills by hand, never with thousands of rows. */
const SMALL =
  /^(department|customRole|setting|meta|lease|counter|secondStepRule|sla(Policy|Calendar)(Version)?|slaRollout|recovery)$/
/** Not a table: SQLite's name for rows that the query makes itself, of rows that it has found. */
const MADE = /^(page|found|json_each|CONSTANT|value|\(|SUBQUERY|LEFT|RIGHT|MERGE)/
const COUNTED = /ticketBy(AssigneeCreated|DepartmentCreated|StatusCreated|StatusRank) /

interface Step {
  readonly id: number
  readonly parent: number
  readonly detail: string
}

export function planOf(db: SQLite.Database, sql: string): Step[] {
  const count = sql.split('?').length - 1
  return db.prepare<unknown[], Step>(`explain query plan ${sql}`).all(...Array<null>(count).fill(null))
}

/** The steps of a query's plan that read or sort more rows than the query answers with. */
export function faultsOf(db: SQLite.Database, sql: string): string[] {
  const steps = planOf(db, sql)
  const partial = partialIndexes(db)
  return steps.flatMap(({ detail, parent }) => {
    const beside = steps.filter((step) => step.parent === parent).map((step) => step.detail)
    return isFault(detail, { sql, beside, partial }) ? [`${detail}\n  beside ${beside.join('; ')}\n  in ${sql}`] : []
  })
}

interface Query {
  readonly sql: string
  readonly beside: readonly string[]
  readonly partial: ReadonlySet<string>
}

function isFault(detail: string, { sql, beside, partial }: Query): boolean {
  // The first step beside it is the outermost loop: its rows get sorted.
  if (detail.startsWith('USE TEMP B-TREE')) return !isBounded(beside.find((step) => /^(SCAN|SEARCH)/.test(step)) ?? '')
  const [, table = ''] = /^SCAN (\S+)/.exec(detail) ?? []
  // A condition on an empty list is answered without a look.
  if (table === '' || MADE.test(table) || SMALL.test(table) || sql.includes(' in ()')) return false
  const [, index] = / USING (?:COVERING )?INDEX (\S+)/.exec(detail) ?? []
  if (index !== undefined) return !(partial.has(index) || sql.includes(' limit '))
  // From one end of the table, without a condition that nothing might meet.
  return !sql.includes(' limit ') || sql.includes(' where ')
}

/** Whether a step reads only rows of one ticket, person or device, or rows that were counted and found few. */
function isBounded(step: string): boolean {
  const table = /^(?:SCAN|SEARCH) (\S+)/.exec(step)?.[1] ?? ''
  if (MADE.test(table) || SMALL.test(table)) return true
  return (
    /^SEARCH .*(autoindex|PRIMARY KEY|rowid=|By(User|Requester|Ticket|Subject|Device|Department)\b)/.test(step) ||
    COUNTED.test(step)
  )
}

/** Indexes of rare rows: a query may read such an index whole. */
function partialIndexes(db: SQLite.Database): Set<string> {
  const rare = `select name from sqlite_schema where type = 'index' and sql like '%) where %'`
  return new Set(
    db
      .prepare<[], { name: string }>(rare)
      .all()
      .map(({ name }) => name),
  )
}
