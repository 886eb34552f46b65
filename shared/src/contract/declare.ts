/**
 * Declarations: a command or a query as data. Every door derives from them what it offers, and none says it again.
 * Facts that apply to every operation are always written, with `null` for "none", so that a forgotten one does not compile.
 */
import type { z } from 'zod'
import type { Action } from '../access/access.ts'
import type { ErrorCode } from '../errors.ts'
import type { Command, Operation, Query, Route } from './operation.ts'

/** An action of the access table; or everybody who is signed in, about themselves; or everybody. */
export type Caller<Parsed> = Action | ByInput<Parsed> | 'signed-in' | 'public'

/** Where the input decides which action is needed. `of` lists all of them, for API tokens and the reference page. */
export interface ByInput<Parsed> {
  readonly of: readonly Action[]
  choose(input: Parsed): Action
}

export interface Facts<Name extends string, Input extends z.core.SomeType, Output extends z.core.SomeType, Who> {
  readonly name: Name
  readonly input: Input
  readonly output: Output
  readonly action: Who
  /** The codes it may be refused with, beyond those that `codesOf` derives from the rest of the declaration. */
  readonly codes: readonly ErrorCode[]
  /** Null: the REST door does not offer it. */
  readonly rest: Route | null
  /** What it does, in a sentence or two for the reference page. */
  readonly doc: string
  /** False: API tokens may not call it, although its action is work. */
  readonly tokens?: false
}

export interface CommandFacts<
  Name extends string,
  Input extends z.core.SomeType,
  Output extends z.core.SomeType,
  Mints extends string,
  Who = Caller<z.output<Input>>,
> extends Facts<Name, Input, Output, Who> {
  /** The field of the input that holds the id of something new: the SDK mints it, REST answers 201. */
  readonly mints?: Mints
  /** The path of the query whose answer REST returns after it. */
  readonly answer?: string
  /** The kind of guard against guessing that the implementation brings. */
  readonly guard?: string
  /** `nothing`: no receipt is kept, so it takes no idempotency key. `token`: its output is its caller's next token. */
  readonly keeps?: 'nothing' | 'token'
}

/** Declares a command; its types follow from its schemas. */
export function declare<
  const Name extends string,
  Input extends z.core.SomeType,
  Output extends z.core.SomeType,
  const Mints extends keyof z.input<Input> & string = never,
>(
  facts: CommandFacts<Name, Input, Output, Mints>,
): Command<Name, z.input<Input>, z.output<Input>, z.output<Output>, Mints> {
  const { mints = null, answer = null, guard = null, keeps = 'receipt' } = facts
  return { ...operation(facts), type: 'command', mints, answer, guard, keeps }
}

/** Declares a query. */
export function declareQuery<const Name extends string, Input extends z.core.SomeType, Output extends z.core.SomeType>(
  facts: Facts<Name, Input, Output, Caller<z.output<Input>>>,
): Query<Name, z.input<Input>, z.output<Input>, z.output<Output>> {
  return { ...operation(facts), type: 'query' }
}

function operation<Name extends string, Input extends z.core.SomeType, Output extends z.core.SomeType>(
  facts: Facts<Name, Input, Output, Caller<z.output<Input>>>,
): Operation<Name, z.input<Input>, z.output<Input>, z.output<Output>> {
  const { name, input, output, action, codes, rest, doc, tokens = true } = facts
  const actions = actionsOf(action)
  return {
    name,
    input: input as unknown as z.ZodType<z.output<Input>, z.input<Input>>,
    output: output as unknown as z.ZodType<z.output<Output>>,
    actions,
    isPublic: action === 'public',
    isForTokens: tokens && actions.length > 0,
    codes,
    rest,
    doc,
    actionFor: (parsed) => (action === 'signed-in' || action === 'public' ? null : chosen(action, parsed)),
  }
}

export function chosen<Parsed>(action: Action | ByInput<Parsed>, input: Parsed): Action {
  return typeof action === 'object' ? action.choose(input) : action
}

function actionsOf(action: Action | ByInput<never> | 'signed-in' | 'public'): readonly Action[] {
  if (typeof action === 'object') return action.of
  return action === 'signed-in' || action === 'public' ? [] : [action]
}
