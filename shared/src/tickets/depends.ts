/**
 * What of a ticket a command changes and what it builds on, declared once: the device says with it on which of its own
 * waiting commands a new one builds, the server finds with it what a parked one holds up.
 */
import { z } from 'zod'
import { isDeviceCommand, type DeviceCommandName } from './commands.ts'
import { Tag } from './ticket.ts'

/** Names of what two commands of one ticket may have in common. `ticket` is the ticket itself: that it exists. */
interface Aspects {
  readonly changes: readonly string[]
  readonly needs: readonly string[]
}

interface AnyNamed {
  readonly name: string
  readonly input?: unknown
}

/** Who works on a ticket has to be given it first. */
const STATUS = { changes: ['status'], needs: ['status', 'assignee'] }
const ASSIGNEE = { changes: ['assignee'], needs: ['assignee'] }
/** What is only ever added, and texts, in which every update names by itself what it was typed into. */
const ADDITION = { changes: [], needs: [] }

const Named = z.object({ tag: Tag.optional(), set: z.record(z.string(), z.unknown()).optional() })

function same(aspects: readonly string[]): Aspects {
  return { changes: aspects, needs: aspects }
}

const ASPECTS: Record<DeviceCommandName, (input: z.output<typeof Named>) => Aspects> = {
  'ticket.create': () => ({ changes: ['ticket'], needs: [] }),
  'ticket.edit': ({ set = {} }) => same(fieldsOf(set)),
  'ticket.claim': () => ASSIGNEE,
  'ticket.assign': () => ASSIGNEE,
  'ticket.unassign': () => ASSIGNEE,
  'ticket.move': () => ASSIGNEE,
  'ticket.transition': () => STATUS,
  'ticket.resolve': () => STATUS,
  'ticket.reopen': () => STATUS,
  'ticket.close': () => STATUS,
  'ticket.cancel': () => STATUS,
  'ticket.tag': ({ tag }) => same([`tag:${tag}`]),
  'ticket.untag': ({ tag }) => same([`tag:${tag}`]),
  'ticket.watch': () => ADDITION,
  'ticket.unwatch': () => ADDITION,
  'comment.add': () => ADDITION,
  'work.log': () => ADDITION,
  'text.write': () => ADDITION,
  'parked.withdraw': () => ADDITION,
}

/** Custom fields are settled one by one, so they depend one by one. */
function fieldsOf(set: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(set).flatMap(([field, value]) => {
    if (field !== 'custom' || typeof value !== 'object' || value === null) return [field]
    return Object.keys(value).map((name) => `custom.${name}`)
  })
}

function aspectsOf({ name, input }: AnyNamed): Aspects {
  const named = Named.safeParse(input)
  // What this version does not know is judged for itself, and refused for what it is.
  if (!isDeviceCommand(name) || !named.success) return ADDITION
  const { changes, needs } = ASPECTS[name](named.data)
  return { changes, needs: name === 'ticket.create' ? needs : ['ticket', ...needs] }
}

/** What of its ticket a command would change. */
export function changesOf(command: AnyNamed): readonly string[] {
  return aspectsOf(command).changes
}

/** What a command builds on. */
export function needsOf(command: AnyNamed): readonly string[] {
  return aspectsOf(command).needs
}

/** Whether `later` builds on what `earlier`, a command about the same ticket, would have changed. */
export function buildsOn(later: AnyNamed, earlier: AnyNamed): boolean {
  const needs = needsOf(later)
  return changesOf(earlier).some((aspect) => needs.includes(aspect))
}

/** The names of commands that are only ever added: nothing builds on them. */
export const ADDED: readonly string[] = ['ticket.watch', 'ticket.unwatch', 'comment.add', 'work.log', 'text.write']

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
