/**
 * Queries whose text never changes, compiled once and run synchronously: for the queries of every command. Building a
 * query and its way through Kysely's promises take several times as long as SQLite takes to answer.
 */
import { sql, type Compilable, type Insertable, type RawBuilder, type Selectable } from 'kysely'
import type { Read, Tables, Tx } from './db.ts'

/** A placeholder in the compiled query for a value of each run. */
class Slot {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

export type Param<Params> = <Name extends keyof Params & string>(name: Name) => RawBuilder<Params[Name]>

/** A reading query. `build` is called once; `param` stands for the value that each run passes under its name. */
export function prepared<Params extends object>() {
  return <Row>(build: (read: Read, param: Param<Params>) => Compilable<Row>) => {
    let compiled: { sql: string; slots: readonly unknown[] } | undefined
    return (read: Read, params: Params): Row[] => {
      compiled ??= compile(build(read, param))
      const values = params as Readonly<Record<string, unknown>>
      const parameters = compiled.slots.map((slot) => (slot instanceof Slot ? values[slot.name] : slot))
      return read.rows<Row>(compiled.sql, parameters)
    }
  }
}

function compile(query: Compilable) {
  const { sql, parameters: slots } = query.compile()
  return { sql, slots }
}

/**
 * `likely` returns its argument. Where SQLite looks at the value of a bare parameter to choose its plan, as in many
 * sorting queries, it plans the statement anew at every run; the same holds for a limit that is no literal.
 */
function param(name: string): RawBuilder<never> {
  return sql`likely(${new Slot(name)})`
}

/** Inserts a row. */
export function insertRow<Table extends keyof Tables>(tx: Tx, table: Table, row: Insertable<Tables[Table]>): void {
  run(tx, `insert ${table}`, [row], () => tx.insertInto(table).values(row))
}

/** Inserts a row, or updates the one with the same `key`. */
export function putRow<Table extends keyof Tables>(
  tx: Tx,
  table: Table,
  key: Columns<Table>,
  rest: Columns<Table>,
): void {
  run(tx, `put ${table}`, [key, rest], () =>
    tx
      .insertInto<keyof Tables>(table)
      .values({ ...key, ...rest })
      .onConflict((conflict) => conflict.columns(Object.keys(key) as never).doUpdateSet(excluded(rest))),
  )
}

/** Updates the rows that have the values of `where`. */
export function updateRow<Table extends keyof Tables>(
  tx: Tx,
  table: Table,
  where: Columns<Table>,
  change: Columns<Table>,
): void {
  run(tx, `update ${table}`, [change, where], () => {
    const conditions = Object.keys(where).map((column) => sql<boolean>`${sql.ref(column)} = ${param(column)}`)
    return tx
      .updateTable<keyof Tables>(table)
      .set(change as never)
      .where((row) => row.and(conditions))
  })
}

/** For each column, the value of the row that was to be inserted. */
function excluded(row: object): Record<string, RawBuilder<unknown>> {
  return Object.fromEntries(Object.keys(row).map((column) => [column, sql.ref(`excluded.${column}`)]))
}

type Columns<Table extends keyof Tables> = Partial<Selectable<Tables[Table]>>

interface Change {
  readonly columns: readonly string[]
  readonly sql: string
}

/** By operation and table: one change for each set of columns seen so far. */
const changes = new Map<string, Change[]>()

/** Runs the query of `build`; its parameters are the values of `rows`, in their order. */
function run(tx: Tx, what: string, rows: readonly Readonly<Record<string, unknown>>[], build: () => Compilable): void {
  const columns: string[] = []
  const parameters: unknown[] = []
  for (const row of rows) {
    for (const column in row) {
      // As in Kysely, a column without a value is left as it is.
      if (row[column] === undefined) continue
      columns.push(column)
      parameters.push(row[column])
    }
    columns.push('')
  }
  const known = changes.get(what) ?? []
  let change = known.find((each) => isSame(each.columns, columns))
  if (change === undefined) {
    change = { columns, sql: build().compile().sql }
    changes.set(what, [...known, change])
  }
  tx.run(change.sql, parameters)
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each, index) => each === others[index])
}
