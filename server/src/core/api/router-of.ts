/** Routers made of implemented operations. */
import type { Operation } from '@rejoin/shared/contract/operation.ts'
import type { Served } from './implement.ts'

/** One implementation for each declaration, under its name: a wrong or a missing one does not compile. */
export type Serving<Contract> = { readonly [Name in keyof Contract]: { readonly declaration: Contract[Name] } }

type AnyServed = Readonly<Record<string, Served>>

export type ProceduresOf<Table> = { [Name in keyof Table]: Table[Name] extends Served<Operation, infer P> ? P : never }

export function proceduresOf<Table extends AnyServed>(table: Table): ProceduresOf<Table> {
  return Object.fromEntries(
    Object.entries(table).map(([name, { procedure }]) => [name, procedure]),
  ) as ProceduresOf<Table>
}

/** The same for a noun whose commands devices share: all of them are there. `implemented` are those, and the slice's own. */
export function proceduresOn<
  Contract extends Readonly<Record<string, Operation>>,
  Table extends Serving<Contract> & AnyServed,
>(_contract: Contract, implemented: Table): ProceduresOf<Table> {
  return proceduresOf(implemented)
}
