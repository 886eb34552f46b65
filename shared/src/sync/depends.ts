/**
 * On which earlier commands about the same document a command builds, by the aspects that they declare: the device says
 * with it on which of its own waiting commands a new one builds, the server finds with it what a parked one holds up.
 */
import { DEVICE_COMMANDS, isDeviceCommand } from '../commands.ts'
import { ADDS, type Aspects, type DeviceCommand } from '../contract/on-device.ts'

interface AnyNamed {
  readonly name: string
  readonly input?: unknown
}

function aspectsOf({ name, input }: AnyNamed): Aspects {
  // A command that this version does not know is judged for itself, and refused.
  return isDeviceCommand(name) ? DEVICE_COMMANDS[name].aspectsOf(input) : ADDS
}

/** The aspects of its document that a command would change. */
export function changesOf(command: AnyNamed): readonly string[] {
  return aspectsOf(command).changes
}

/** The aspects that a command builds on. */
export function needsOf(command: AnyNamed): readonly string[] {
  return aspectsOf(command).needs
}

/** Whether `later` builds on what `earlier`, a command about the same ticket, would have changed. */
export function buildsOn(later: AnyNamed, earlier: AnyNamed): boolean {
  const needs = needsOf(later)
  return changesOf(earlier).some((aspect) => needs.includes(aspect))
}

/** The names of commands that only add something: nothing builds on them. */
export const ADDED: readonly string[] = Object.values(DEVICE_COMMANDS as Readonly<Record<string, DeviceCommand>>)
  .filter((command) => command.isAddition)
  .map(({ name }) => name)

/**
 * For each of `commands`, which are about one ticket and in their order, the ids of those before it that it builds on
 * directly: for each aspect the last one that changes it, which itself builds on those before it.
 */
export function basesOf<Command extends AnyNamed & { readonly id: string }>(
  commands: readonly Command[],
): Map<Command, string[]> {
  const lastToChange = new Map<string, string>()
  const bases = new Map<Command, string[]>()
  for (const command of commands) {
    const { changes, needs } = aspectsOf(command)
    bases.set(command, [...new Set(needs.flatMap((aspect) => lastToChange.get(aspect) ?? []))])
    for (const aspect of changes) lastToChange.set(aspect, command.id)
  }
  return bases
}

/** Those of `earlier`, commands about the same ticket in their order, that `later` builds on directly. */
export function basisOf(
  later: AnyNamed & { readonly id: string },
  earlier: readonly (AnyNamed & { readonly id: string })[],
) {
  return basesOf([...earlier, later]).get(later) ?? []
}
