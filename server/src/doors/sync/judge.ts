/** Judges what a device brings: each command on its own, in the device's order, at the time it happened. */
import { isDeviceCommand, type DeviceCommandName } from '@rejoin/shared/commands.ts'
import { basesOf } from '@rejoin/shared/sync/depends.ts'
import { documentIdOf } from '@rejoin/shared/kinds.ts'
import type { Verdict } from '@rejoin/shared/sync/verdicts.ts'
import type { Exchange } from '@rejoin/shared/sync/wire.ts'
import { z } from 'zod'
import { Refusal } from '@rejoin/shared/errors.ts'
import { command, type AnyCommand, type Answer } from '../../core/command.ts'
import { barOf } from '../../core/commit/group.ts'
import type { Commits } from '../../core/commit/commit.ts'
import type { Origin } from '../../core/commit/ports.ts'
import { withdrawParked } from '../../slices/parked/commands.ts'
import { TICKET_COMMANDS } from '../../slices/tickets/commands.ts'
import type { Seen } from './devices.ts'
import type { Understood } from './versions.ts'

/** Stands in for a command name that this server does not know, so that the refusal has a receipt like any other. */
function unknownCommand(name: string) {
  return command({
    name,
    input: z.unknown(),
    run(): void {
      throw new Refusal(
        'unknown-command',
        `This server does not know the command "${name}".`,
        'Update the server or the app.',
      )
    },
  })
}

const COMMANDS: Record<DeviceCommandName, AnyCommand> = { ...TICKET_COMMANDS, 'parked.withdraw': withdrawParked }

/**
 * How many commands of one device are queued at a time: a device with a single command does not wait behind an outbox
 * of 500.
 */
const AT_ONCE = 50

/**
 * The verdicts, in the order of the commands. Rejects with `Refusal('unavailable')` if they could not be stored, and
 * with the refusal that bars the person from asking at all now: commands not yet judged have no verdict then.
 */
export async function judge(
  { commits, ...context }: JudgeContext,
  actorId: string,
  exchange: Frame,
): Promise<Verdict[]> {
  // Of two commands with one id, the first is judged: it takes effect once, even if the second differs.
  const byId = new Map(exchange.commands.toReversed().map((command) => [command.id, command]))
  const commands = exchange.commands.filter((command) => byId.get(command.id) === command)
  const groups = [...Map.groupBy(commands, ({ id, group }) => group ?? id).values()]
  const byDocument = Map.groupBy(exchange.commands, (command) => documentIdOf(command))
  const bases = new Map([...byDocument.values()].flatMap((commands) => [...basesOf(commands)]))
  const judgeGroup = async (group: typeof exchange.commands) => {
    const members = group.map((queued) => ({
      command: isDeviceCommand(queued.name) ? COMMANDS[queued.name] : unknownCommand(queued.name),
      input: queued.input,
      request: {
        actorId,
        id: queued.id,
        groupId: queued.group,
        // A device asks about a refused command without sending its input.
        sent: 'refused' in queued && queued.refused === true ? null : queued.sent,
        origin: originOf(exchange, queued, { ...context, basis: bases.get(queued) ?? [] }),
      },
    }))
    const answers = await commits.commitTogether(members)
    for (const answer of answers) throwIfBarred(answer)
    return answers.map(({ outcome, code, message, hint }, index) => ({
      id: group[index]?.id ?? '',
      verdict: { outcome, code, message, hint },
    }))
  }
  const verdicts = new Map<string, Verdict>()
  for (let at = 0; at < groups.length; at += AT_ONCE) {
    const judged = await Promise.all(groups.slice(at, at + AT_ONCE).map(judgeGroup))
    for (const { id, verdict } of judged.flat()) verdicts.set(id, { id, ...verdict })
  }
  return exchange.commands.flatMap(({ id }) => verdicts.get(id) ?? [])
}

function throwIfBarred(answer: Answer): void {
  const bar = barOf(answer)
  if (bar !== null) throw bar
}

export interface JudgeContext {
  readonly commits: Commits
  readonly now: number
  /** The ids under which the device has sent its work. */
  readonly incarnations: readonly string[]
  readonly seen: Seen
  /** No lost decision can have counted before this time; absent if no loss is shown. */
  readonly lostAfter?: number
}

type Frame = Omit<Exchange, 'commands'> & {
  readonly commands: readonly (Understood['commands'] | NonNullable<Understood['offered']>)[number][]
}

function originOf(
  { device: deviceId, clock: sent, contacts }: Frame,
  queued: Frame['commands'][number],
  {
    now: receivedAt,
    seen: bounds,
    lostAfter,
    incarnations,
    basis,
  }: Omit<JudgeContext, 'commits'> & Pick<Origin, 'basis'>,
): Origin {
  const seen = Math.max(bounds.from, Math.min(queued.seen, bounds.upTo))
  const { at } = queued
  return {
    deviceId,
    seen,
    isProven: seen >= bounds.provenFrom,
    subjectId: documentIdOf(queued),
    incarnations,
    basis: queued.after ?? basis,
    made:
      'effectiveAt' in queued && lostAfter !== undefined
        ? { by: 'verdict', effectiveAt: queued.effectiveAt, receivedAt, lostAfter }
        : { by: 'clocks', at, sent, contacts, receivedAt },
  }
}
