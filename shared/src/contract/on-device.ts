/** Commands that a device may queue offline: what they build on, and what they will probably show. */
import type { z } from 'zod'
import type { Action, Actor } from '../access/access.ts'
import { chosen, declare, type ByInput, type CommandFacts } from './declare.ts'
import type { Command } from './operation.ts'

/**
 * The parts of a document that a command changes, and those it builds on, as names that two commands may share, such as
 * `status`. `document` stands for the existence of the document itself.
 */
export interface Aspects {
  readonly changes: readonly string[]
  readonly needs: readonly string[]
}

/** For a command that only adds something, and for texts, where each update names the text that it was typed into. */
export const ADDS: Aspects = { changes: [], needs: [] }

/** Aspects that a command changes, and builds on as well. */
export function both(...aspects: readonly string[]): Aspects {
  return { changes: aspects, needs: aspects }
}

/** Who acts, and when by the device's estimate of server time (epoch ms). */
export interface Acting {
  readonly actor: Actor
  readonly at: number
}

/** The fields of the view that change; `{}` if they have these values already; null if the rules refuse the command. */
export type Prediction<View> = Partial<View> | null

export interface DeviceFacts<View, Parsed> {
  readonly buildsOn: Aspects | ((input: Parsed) => Aspects)
  /** Null: it shows nothing before the verdict. */
  readonly predict: ((view: View, input: Parsed, acting: Acting) => Prediction<View>) | null
  /** Whether it is done already, so that nobody is asked for a right: claiming a ticket that is one's own. */
  readonly isDone?: (view: View, acting: Acting) => boolean
  /** The view of the document that it creates. */
  readonly creates?: (input: Parsed, acting: Acting) => View
  /** Whether the document may leave the device because of it. */
  readonly sendsAway?: boolean | ((input: Parsed) => boolean)
}

/** `View` is that of its noun. It does not stand in the type of a command, where it would be written out each time. */
export interface DeviceCommand<
  Name extends string = string,
  In = unknown,
  Parsed = unknown,
  Out = unknown,
  Mints extends string = string,
> extends Command<Name, In, Parsed, Out, Mints> {
  readonly createsDocument: boolean
  /** Nothing builds on it. */
  readonly isAddition: boolean
  /** Of raw input. Input that the schema refuses builds on nothing: it is judged for itself, and refused. */
  aspectsOf(input: unknown): Aspects
  sendsAway(input: unknown): boolean
  isDone(view: object, acting: Acting): boolean
  /** The view after it, or null where the rules refuse it. `input` has passed the schema. */
  predict<View>(view: View, input: Parsed, acting: Acting): View | null
  /** The view of what it creates; null where it creates nothing. `input` has passed the schema. */
  create(input: Parsed, acting: Acting): object | null
}

/** The `declare` of one noun: it knows the view that predictions change. */
export function declareOn<View extends object>() {
  return <
    const Name extends string,
    Input extends z.core.SomeType,
    Output extends z.core.SomeType,
    const Mints extends keyof z.input<Input> & string = never,
  >(
    // Work on a document always needs an action of the table.
    facts: CommandFacts<Name, Input, Output, Mints, Action | ByInput<z.output<Input>>> &
      DeviceFacts<View, z.output<Input>>,
  ): DeviceCommand<Name, z.input<Input>, z.output<Input>, z.output<Output>, Mints> => {
    const { action, predict, creates, isDone } = facts
    const command = declare(facts)
    return {
      ...command,
      ...ofInput(command.input, facts),
      createsDocument: creates !== undefined,
      isAddition: facts.buildsOn === ADDS,
      actionFor: (parsed) => chosen(action, parsed),
      isDone: (view, acting) => isDone?.(view as View, acting) === true,
      predict(view, input, acting) {
        const change = predict === null ? {} : predict(view as unknown as View, input, acting)
        return change === null ? null : { ...view, ...change }
      },
      create: (input, acting) => creates?.(input, acting) ?? null,
    }
  }
}

/** A device's command about no document: it builds on nothing and predicts nothing. */
export function aboutNoDocument<Name extends string, In, Parsed, Out, Mints extends string>(
  command: Command<Name, In, Parsed, Out, Mints>,
): DeviceCommand<Name, In, Parsed, Out, Mints> {
  return {
    ...command,
    createsDocument: false,
    isAddition: true,
    aspectsOf: () => ADDS,
    sendsAway: () => false,
    isDone: () => false,
    predict: (view) => view,
    create: () => null,
  }
}

function ofInput<Parsed>(
  schema: z.ZodType<Parsed>,
  { buildsOn, creates, sendsAway = false }: Pick<DeviceFacts<unknown, Parsed>, 'buildsOn' | 'creates' | 'sendsAway'>,
) {
  const parse = (raw: unknown) => schema.safeParse(raw).data
  const aspectsIn = (raw: unknown): Aspects => {
    if (typeof buildsOn !== 'function') return buildsOn
    const input = parse(raw)
    return input === undefined ? ADDS : buildsOn(input)
  }
  return {
    aspectsOf(raw: unknown): Aspects {
      const { changes, needs } = aspectsIn(raw)
      return { changes, needs: creates === undefined ? ['document', ...needs] : needs }
    },
    sendsAway(raw: unknown): boolean {
      if (typeof sendsAway !== 'function') return sendsAway
      const input = parse(raw)
      return input !== undefined && sendsAway(input)
    },
  }
}
