/**
 * The probable effect of a queued command, computed on the device with the rules that the server decides with. A
 * prediction is an overlay on the document's value and never written into it. Where the rules refuse the command,
 * the view stays as it is: the verdict will say why.
 */
import type { Actor } from '../access/access.ts'
import { buildsOn } from './depends.ts'
import type { DocumentKind } from '../contract/kind.ts'

export interface Waiting {
  /** One of the commands of the document's kind. */
  readonly name: string
  /** It must have passed its schema. */
  readonly input: unknown
  readonly group?: string | undefined
  /** When the author acted, epoch ms by the device's estimate of server time. */
  readonly at: number
}

/**
 * The view after `commands`, or null when there is none yet and none of them creates one. A command that will not go
 * through takes with it the commands that build on it and its group; `held` are earlier commands of that kind.
 */
export function predictAll<View extends object>(
  kind: DocumentKind<View>,
  view: View | null,
  {
    commands,
    actor,
    held,
  }: {
    readonly commands: readonly Waiting[]
    readonly actor: Actor
    readonly held: readonly { name: string; input?: unknown }[]
  },
): View | null {
  const failed = [...held]
  let current = view
  for (const unit of Map.groupBy(commands, (command) => command.group ?? command).values()) {
    const isHeld = unit.some((command) => failed.some((earlier) => buildsOn(command, earlier)))
    const next = isHeld ? null : afterAll(kind, current, unit, actor)
    if (next === null) failed.push(...unit)
    else current = next
  }
  return current
}

function afterAll<View extends object>(
  kind: DocumentKind<View>,
  view: View | null,
  unit: readonly Waiting[],
  actor: Actor,
): View | null {
  let current = view
  for (const waiting of unit) {
    current = predict(kind, current, waiting, actor)
    if (current === null) return null
  }
  return current
}

/** The view after `waiting`; null when the rules refuse it, or there is no document yet and it does not create one. */
function predict<View extends object>(
  kind: DocumentKind<View>,
  view: View | null,
  { name, input, at }: Waiting,
  actor: Actor,
): View | null {
  const command = kind.commands[name]
  if (command === undefined) return null
  const acting = { actor, at }
  const parsed = command.input.parse(input)
  if (view === null) return command.create(parsed, acting) as View | null
  if (command.createsDocument || command.isDone(view, acting)) return view
  const action = command.actionFor(parsed)
  if (action !== null && !kind.may(actor, action, view)) return null
  return command.predict(view, parsed, acting)
}
