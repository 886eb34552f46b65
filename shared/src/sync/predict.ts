/**
 * The probable effect of a queued command, computed on the device with the rules that the server decides with. A
 * prediction is an overlay on the document's value and never written into it. Where the rules refuse the command,
 * the view stays as it is: the verdict will say why.
 */
import { grantsOf, relationsOf, may, type Action, type Actor, type Standing } from '../access/access.ts'
import { DEVICE_COMMANDS, type TicketCommandName } from '../commands.ts'
import type { DeviceCommand } from '../contract/on-device.ts'
import type { TicketView } from '../tickets/ticket.ts'
import { buildsOn } from './depends.ts'

export interface Waiting {
  readonly name: TicketCommandName
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
export function predictAll(
  view: TicketView | null,
  commands: readonly Waiting[],
  { actor, held }: { readonly actor: Actor; readonly held: readonly { name: string; input?: unknown }[] },
): TicketView | null {
  const failed = [...held]
  let current = view
  for (const unit of Map.groupBy(commands, (command) => command.group ?? command).values()) {
    const isHeld = unit.some((command) => failed.some((earlier) => buildsOn(command, earlier)))
    const next = isHeld ? null : afterAll(current, unit, actor)
    if (next === null) failed.push(...unit)
    else current = next
  }
  return current
}

function afterAll(view: TicketView | null, unit: readonly Waiting[], actor: Actor): TicketView | null {
  let current = view
  for (const waiting of unit) {
    current = predict(current, waiting, actor)
    if (current === null) return null
  }
  return current
}

/** The view after `waiting`; null when the rules refuse it, or there is no ticket yet and it does not create one. */
function predict(view: TicketView | null, { name, input, at }: Waiting, actor: Actor): TicketView | null {
  const command: DeviceCommand = DEVICE_COMMANDS[name]
  const acting = { actor, at }
  const parsed = command.input.parse(input)
  if (view === null) return command.create(parsed, acting) as TicketView | null
  if (command.createsDocument || command.isDone(view, acting)) return view
  const action = command.actionFor(parsed)
  if (action !== null && !mayPredict(actor, action, view)) return null
  return command.predict(view, parsed, acting)
}

function standingOf(view: TicketView): Standing {
  return { ...view, watcherIds: view.watchers.map((watcher) => watcher.userId) }
}

/** The device holds the ticket, so a right under `held` is a right here. */
function mayPredict(actor: Actor, action: Action, view: TicketView): boolean {
  return grantsOf(actor, action).includes('held') || may(actor, action, relationsOf(actor, standingOf(view)))
}
