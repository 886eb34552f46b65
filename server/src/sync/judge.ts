/** Judges what a device brings: each command on its own, in the device's order, at the time it happened. */
import { isDeviceCommand } from '@rejoin/shared/commands.ts'
import { effectiveTime } from '@rejoin/shared/time.ts'
import type { Verdict } from '@rejoin/shared/verdicts.ts'
import type { Exchange, QueuedCommand } from '@rejoin/shared/wire.ts'
import { z } from 'zod'
import { Refusal } from '@rejoin/shared/errors.ts'
import { command } from '../core/commit/command.ts'
import type { Commits } from '../core/commit/commit.ts'
import type { Tx } from '../core/db.ts'
import type { Origin } from '../core/commit/ports.ts'
import { TICKET_COMMANDS } from '../tickets/commands.ts'

/** Stands in for a name that this server does not know, so that the refusal has a receipt like any other. */
function unknownCommand(name: string) {
  return command({
    name,
    input: z.unknown(),
    async run(): Promise<void> {
      throw new Refusal('unknown-command', `This server knows no command "${name}".`, 'Update the server or the app.')
    },
  })
}

/** The verdicts, in the order of the commands. Rejects with `Refusal('unavailable')` when they could not be stored. */
export async function judge(
  { commits, now }: { commits: Commits; now: number },
  actorId: string,
  exchange: Exchange,
): Promise<Verdict[]> {
  const pending = exchange.commands.map(async (queued): Promise<Verdict> => {
    const known = isDeviceCommand(queued.name) ? TICKET_COMMANDS[queued.name] : unknownCommand(queued.name)
    const origin = originOf(exchange, queued, now)
    const { outcome, code, message, hint } = await commits.commit(known, queued.input, {
      actorId,
      id: queued.id,
      origin,
    })
    return { id: queued.id, outcome, code, message, hint }
  })
  return Promise.all(pending)
}

function originOf(exchange: Exchange, { at, seen, input }: QueuedCommand, receivedAt: number): Origin {
  const { device: deviceId, clock: sent, contacts } = exchange
  return {
    deviceId,
    seen,
    async effectiveTime(tx) {
      return effectiveTime({
        at,
        sent,
        contacts,
        receivedAt,
        notBefore: await lastSeenChange(tx, ticketOf(input), seen),
      })
    },
  }
}

/** When the last change of the ticket that the author had seen was committed: they acted after it. */
async function lastSeenChange(tx: Tx, ticketId: string | undefined, seen: number): Promise<number> {
  if (ticketId === undefined) return 0
  const row = await tx
    .selectFrom('documentUpdate')
    .innerJoin('revision', 'revision.seq', 'documentUpdate.seq')
    .select('revision.at')
    .where('documentId', '=', ticketId)
    .where('documentUpdate.seq', '<=', seen)
    .orderBy('documentUpdate.seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.at ?? 0
}

const NamesTicket = z.object({ ticketId: z.string() })

/** The ticket that a command names, if it names one: its input may be anything. */
export function ticketOf(input: unknown): string | undefined {
  return NamesTicket.safeParse(input).data?.ticketId
}
