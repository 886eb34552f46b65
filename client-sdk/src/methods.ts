/**
 * A noun's commands as methods of the device: `device.tickets.resolve({ ticketId, resolution })`. They derive from the
 * declarations; each resolves when the command is durable on the device, not when it is decided.
 */
import { v7 } from 'uuid'
import type { Command, InOf } from '@rejoin/shared/contract/operation.ts'

type Noun = Readonly<Record<string, Command>>

type MintsOf<C extends Command> = NonNullable<C['mints']>

/** The input without the id that the device mints, where it mints one. */
type Wanted<C extends Command> = Omit<InOf<C>, MintsOf<C>> & {
  readonly [Key in MintsOf<C> & keyof InOf<C>]?: InOf<C>[Key]
}

/** The id of the queued command, and the id that was minted for something new. */
export type Queued<Minted extends string = never> = { readonly commandId: string } & {
  readonly [Key in Minted]: string
}

export type MethodsOf<Commands extends Noun> = {
  readonly [Key in keyof Commands]: (input: Wanted<Commands[Key]>) => Promise<Queued<MintsOf<Commands[Key]>>>
}

/** Ids are minted here, so that work done offline cannot be done twice. `now` in epoch ms. */
export function methodsOver<Commands extends Noun>(
  commands: Commands,
  send: (name: string, input: unknown) => Promise<string>,
  now: () => number,
): MethodsOf<Commands> {
  const method =
    ({ name, mints }: Command) =>
    async (wanted: object) => {
      if (mints === null) return { commandId: await send(name, wanted) }
      const { [mints]: given, ...rest } = wanted as Readonly<Record<string, unknown>>
      const id = given ?? v7({ msecs: Math.trunc(now()) })
      return { commandId: await send(name, { [mints]: id, ...rest }), [mints]: id }
    }
  return Object.fromEntries(Object.entries(commands).map(([key, each]) => [key, method(each)])) as MethodsOf<Commands>
}
