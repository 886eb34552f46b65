/**
 * Declared operations as the doors read them. They are typed by the values that their schemas parse, not by the schemas:
 * hovers stay short and declaration files small.
 */
import type { z } from 'zod'
import type { Action } from '../access/access.ts'
import type { ErrorCode } from '../errors.ts'

/** Method and path at the REST door, such as `POST /tickets/{ticketId}/resolve`. */
export type Route = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`

export interface Operation<Name extends string = string, In = unknown, Parsed = unknown, Out = unknown> {
  readonly name: Name
  readonly input: z.ZodType<Parsed, In>
  readonly output: z.ZodType<Out>
  /** The actions of the access table that it may need; empty where the table decides nothing. */
  readonly actions: readonly Action[]
  readonly isPublic: boolean
  /** Whether an API token may call it, with one of `actions` among its scopes. */
  readonly isForTokens: boolean
  readonly codes: readonly ErrorCode[]
  readonly rest: Route | null
  readonly doc: string
  /** The action that this input needs; null where the table decides nothing. `input` has passed the schema. */
  actionFor(input: Parsed): Action | null
}

export interface Command<
  Name extends string = string,
  In = unknown,
  Parsed = unknown,
  Out = unknown,
  Mints extends string = string,
> extends Operation<Name, In, Parsed, Out> {
  readonly type: 'command'
  /** The field of the input that holds the id of something new, which the author mints. */
  readonly mints: Mints | null
  /** The path of the query whose answer shows what it changed, such as `tickets.get`. */
  readonly answer: string | null
  /** The kind of guard against guessing that the implementation must bring. */
  readonly guard: string | null
  readonly keeps: 'receipt' | 'nothing' | 'token'
}

export interface Query<Name extends string = string, In = unknown, Parsed = unknown, Out = unknown> extends Operation<
  Name,
  In,
  Parsed,
  Out
> {
  readonly type: 'query'
}

export type AnyOperation = Command | Query

/** What a caller writes, before defaults. */
export type InOf<D extends Operation> = z.input<D['input']>
/** What an implementation runs on, after defaults. */
export type ParsedOf<D extends Operation> = z.output<D['input']>
export type OutOf<D extends Operation> = z.output<D['output']>
