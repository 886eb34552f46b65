/** Joins a declaration with its implementation: a command of the commit path and a procedure of the router. */
import type { TRPCMutationProcedure, TRPCQueryProcedure } from '@trpc/server'
import type {
  Command as Declaration,
  InOf,
  Operation,
  OutOf,
  ParsedOf,
  Query,
} from '@rejoin/shared/contract/operation.ts'
import { z } from 'zod'
import type { Command, CommandContext, PrepareContext } from '../command.ts'
import type { Report } from '../reports.ts'
import {
  commandProcedure,
  cookieProcedure,
  queryProcedure,
  type Applied,
  type Hidden,
  type PublicContext,
  type QueryContext,
} from './procedures.ts'
import type { Guard } from './throttle/guard.ts'

/** An operation with its procedure: the entry of a router. */
export interface Served<D extends Operation = Operation, Procedure = unknown> {
  readonly declaration: D
  readonly procedure: Procedure
}

type Mutation<In, Out> = TRPCMutationProcedure<{ input: In; output: Out; meta: unknown }>
type Reading<In, Out> = TRPCQueryProcedure<{ input: In; output: Out; meta: unknown }>

export interface Implemented<D extends Declaration>
  extends Served<D, Mutation<InOf<D>, Applied<OutOf<D>>>>, Command<D['input'], OutOf<D>, unknown> {
  readonly name: D['name']
  readonly guard: Guard<ParsedOf<D>> | undefined
}

/** The steps before the transaction, and how large the command may make documents; see `Command`. */
export interface Around<D extends Declaration, Prepared> {
  readonly guard?: Guard<ParsedOf<D>>
  readonly check?: (context: PrepareContext, input: ParsedOf<D>) => void | Promise<void>
  readonly prepare?: (context: PrepareContext, input: ParsedOf<D>) => Prepared | Promise<Prepared>
  readonly room?: 'reserve' | 'any'
}

type Run<D extends Declaration, Prepared> = (
  context: CommandContext,
  input: ParsedOf<D>,
  prepared: Prepared,
) => OutOf<D> | Promise<OutOf<D>>

/** Throws at start if the guard is not of the kind that the declaration names. */
export function implement<D extends Declaration>(declaration: D, run: Run<D, void>): Implemented<D>
export function implement<D extends Declaration, Prepared = void>(
  declaration: D,
  around: Around<D, Prepared>,
  run: Run<D, Prepared>,
): Implemented<D>
export function implement<D extends Declaration>(
  declaration: D,
  ...[first, second]: [Run<D, void>] | [Around<D, unknown>, Run<D, unknown>]
): Implemented<D> {
  const { guard, ...around } = typeof first === 'function' ? {} : first
  const run = (second ?? first) as Run<D, unknown>
  if (declaration.guard !== (guard?.kind ?? null)) {
    throw new Error(
      `${declaration.name} declares the guard ${declaration.guard}; its implementation brings ${guard?.kind ?? null}.`,
    )
  }
  const command = { name: declaration.name, input: declaration.input, ...around, run }
  const procedure = commandProcedure(declaration, command, guard) as Implemented<D>['procedure']
  return { declaration, procedure, guard, ...command }
}

/** The same command for pages of this server: the token of its output goes into a cookie instead of the answer. */
export function byCookie<D extends Declaration>(implemented: Implemented<D>) {
  const { declaration, guard } = implemented
  const output = withHiddenToken(declaration.output)
  const ofPages = {
    ...declaration,
    output,
    rest: null,
    doc: `${declaration.doc} For pages: a token goes into a cookie.`,
  }
  const procedure = cookieProcedure(ofPages, implemented, guard)
  return { declaration: ofPages, procedure } as unknown as Served<D, Mutation<InOf<D>, Applied<Hidden<OutOf<D>>>>>
}

function withHiddenToken(output: z.ZodType): z.ZodType {
  if (!(output instanceof z.ZodObject)) throw new Error('Only an object can hold the token that goes into a cookie.')
  return output.extend({ token: z.string().nullable() })
}

/** A declared query with its implementation. Throws at start if the query is declared public: it has no actor then. */
export function answer<D extends Query>(
  declaration: D,
  read: (context: QueryContext, input: ParsedOf<D>) => OutOf<D> | Promise<OutOf<D>>,
): Served<D, Reading<InOf<D>, OutOf<D>>> {
  if (declaration.isPublic) throw new Error(`${declaration.name} is public: implement it with answerAnybody.`)
  return { declaration, procedure: queryProcedure(declaration, read) as Reading<InOf<D>, OutOf<D>> }
}

/** Like `answer`, but runs a report in a worker thread, which may read any number of rows. */
export function answerByReport<D extends Query>(
  declaration: D,
  report: Report<ParsedOf<D>, OutOf<D>>,
): Served<D, Reading<InOf<D>, OutOf<D>>> {
  return answer(declaration, ({ reports, ...asker }, input) => reports.ask(report, asker, input))
}

/** Like `answer`, for a query that is declared public. */
export function answerAnybody<D extends Query>(
  declaration: D,
  read: (context: PublicContext, input: ParsedOf<D>) => OutOf<D> | Promise<OutOf<D>>,
): Served<D, Reading<InOf<D>, OutOf<D>>> {
  if (!declaration.isPublic) throw new Error(`${declaration.name} is not public: implement it with answer.`)
  return { declaration, procedure: queryProcedure(declaration, read) as Reading<InOf<D>, OutOf<D>> }
}
