/**
 * Queries whose text never changes, compiled once: for those that every command runs. Compiling takes Kysely several
 * times as long as SQLite takes to answer.
 */
import { sql, type Compilable, type CompiledQuery, type Insertable, type RawBuilder } from 'kysely'
import type { Read, Tables, Tx } from './db.ts'

/** Stands in the compiled query where a value comes when it runs. */
class Slot {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

type Param<Params> = <Name extends keyof Params & string>(name: Name) => RawBuilder<Params[Name]>

/** A reading query. `build` is called once; `param` stands for what each run brings under its name. */
export function prepared<Params extends object>() {
  return <Row>(build: (read: Read, param: Param<Params>) => Compilable<Row>) => {
    let compiled: CompiledQuery<Row> | undefined
    return async (read: Read, params: Params): Promise<Row[]> => {
      compiled ??= build(read, (name) => sql`${new Slot(name)}`).compile()
      const values = params as Readonly<Record<string, unknown>>
      const parameters = compiled.parameters.map((value) => (value instanceof Slot ? values[value.name] : value))
      const { rows } = await (read as Tx).executeQuery<Row>({ ...compiled, parameters })
      return rows
    }
  }
}

const inserts = new Map<string, CompiledQuery>()

/** Inserts a row. The query is compiled once for each set of columns. */
export async function insertRow<Table extends keyof Tables>(
  tx: Tx,
  table: Table,
  row: Insertable<Tables[Table]>,
): Promise<void> {
  // As Kysely does: a column without a value is left to its default.
  const entries = Object.entries(row).filter(([, value]) => value !== undefined)
  const key = `${table} ${entries.map(([column]) => column).join()}`
  const compiled = inserts.get(key) ?? tx.insertInto(table).values(row).compile()
  inserts.set(key, compiled)
  await tx.executeQuery({ ...compiled, parameters: entries.map(([, value]) => value) })
}
