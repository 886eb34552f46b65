/** Routers made of implemented operations. */
import type { Operation } from '@rejoin/shared/contract/operation.ts'
import type { Served } from './implement.ts'

/**
 * One implementation for each declaration, under its name. A list that `satisfies` it does not compile where one is missing,
 * wrong, or of no declaration.
 */
export type Serving<Contract> = { readonly [Name in keyof Contract]: { readonly declaration: Contract[Name] } }

type AnyServed = Readonly<Record<string, Served>>

export type ProceduresOf<Table> = { [Name in keyof Table]: Table[Name] extends Served<Operation, infer P> ? P : never }

export function proceduresOf<Table extends AnyServed>(table: Table): ProceduresOf<Table> {
  return Object.fromEntries(
    Object.entries(table).map(([name, { procedure }]) => [name, procedure]),
  ) as ProceduresOf<Table>
}
