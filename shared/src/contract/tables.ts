/** Tables of commands by their name on the wire, derived from a noun's list. */
import type { z } from 'zod'

/** A noun's commands by the name of the procedure and of the SDK's method: `{ resolve, edit }`. */
export type Noun = Readonly<Record<string, Named>>

/** A declaration, or its implementation. */
interface Named {
  readonly name: string
}

/** `{ resolve: Command<'ticket.resolve'> }` becomes `{ 'ticket.resolve': Command<'ticket.resolve'> }`. */
export type ByName<Commands extends Noun> = { readonly [Key in keyof Commands as Commands[Key]['name']]: Commands[Key] }

export function byName<Commands extends Noun>(commands: Commands): ByName<Commands> {
  return Object.fromEntries(Object.values(commands).map((each) => [each.name, each])) as ByName<Commands>
}

/** Whether a name from outside, such as of a frame, is one of `table`. */
export function isNamed<Table extends object>(table: Table, name: string): name is keyof Table & string {
  return Object.hasOwn(table, name)
}

/** Sends any command of `Table`, each with the input of its name. Resolves with the command's id. */
export type SendOf<Table extends Readonly<Record<string, { readonly input: z.ZodType }>>> = <
  Name extends keyof Table & string,
>(
  name: Name,
  input: z.input<Table[Name]['input']>,
) => Promise<string>
