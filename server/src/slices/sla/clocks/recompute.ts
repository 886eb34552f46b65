/** Recomputes clocks from the log, and finds how the stored clocks differ from it. */
import { z } from 'zod'
import type { Clock } from '../engine/clock.ts'
import { fired, type TicketClocks } from '../engine/follow.ts'
import { Id } from '@rejoin/shared/values.ts'
import { command, type CommandContext } from '../../../core/command.ts'
import type { Commits } from '../../../core/commit/commit.ts'
import type { Read } from '../../../core/storage/db.ts'
import { SYSTEM_ID } from '../../../core/ids.ts'
import { keepTicket, type Fired } from './keep.ts'
import { clocksBy, readLog } from './log.ts'
import { clocksOf, findStored } from './stored.ts'

export interface Drift {
  readonly ticketId: string
  /** `null` where there is no such clock, or it has no such field. */
  readonly field: string
  readonly stored: unknown
  readonly computed: unknown
}

/** Whether a breach is only possible is known to the sweep alone. */
const NOT_IN_THE_LOG = new Set<keyof Clock>(['isProvisional'])

/** The differences of a ticket's stored clocks from its log at `now`; empty when the clocks follow from it. */
export function driftOf(read: Read, ticketId: string, now: number): Drift[] {
  const log = readLog(read, ticketId)
  const stored = findStored(read, ticketId)
  if (log === null || stored === null) {
    return log === stored
      ? []
      : [
          {
            ticketId,
            field: 'ticket',
            stored: stored === null ? null : 'present',
            computed: log === null ? null : 'present',
          },
        ]
  }
  const { clocks, asOf } = clocksBy(log, now)
  const [have, want] = [fieldsOf(fired(stored.clocks, asOf)), fieldsOf(clocks)]
  return [...new Set([...have.keys(), ...want.keys()])].flatMap((field) => {
    const [storedText, computedText] = [have.get(field) ?? null, want.get(field) ?? null]
    return storedText === computedText ? [] : [{ ticketId, field, stored: storedText, computed: computedText }]
  })
}

/** Each field of each clock as JSON, by a name such as `resolution 1 dueAt`. */
function fieldsOf({ clocks, status }: TicketClocks): Map<string, string> {
  const fields = clocks.flatMap((clock) =>
    Object.entries(clock)
      .filter(([name]) => !NOT_IN_THE_LOG.has(name as keyof Clock))
      .map(([name, value]) => [`${clock.metric} ${clock.cycle} ${name}`, JSON.stringify(value)] as const),
  )
  return new Map([['status', status], ...fields])
}

/** Replaces the stored clocks by those of the log. Returns the clocks that have fired; nobody is told of them. */
export function mend(context: CommandContext, ticketId: string): Fired[] {
  const { tx, now } = context
  const log = readLog(tx, ticketId)
  if (log === null) return []
  const { reading, chosen } = log
  return keepTicket(context, clocksOf(tx, ticketId), { ticketId, ...clocksBy(log, now), reading, chosen })
}

/** For the operator: mends the clocks of these tickets. */
export const mendTickets = command({
  name: 'sla.mend',
  input: z.object({ ticketIds: z.array(Id).max(1000) }),
  room: 'any',
  run: (context, { ticketIds }) => {
    for (const ticketId of ticketIds) mend(context, ticketId)
    return { isSound: true }
  },
})

const BATCH = 200

const adoptTickets = command({
  name: 'sla.adopt',
  input: z.object({}),
  room: 'any',
  async run(context) {
    const ticketIds = await unclocked(context.tx)
    for (const ticketId of ticketIds) mend(context, ticketId)
    return { adopted: ticketIds.length }
  },
})

/** Computes the clocks of tickets that an earlier program has left. */
export async function adoptAll({ read, commits }: { read: Read; commits: Commits }): Promise<void> {
  let left = (await unclocked(read)).length
  while (left > 0) {
    const { output } = await commits.commitOrThrow(adoptTickets, {}, { actorId: SYSTEM_ID })
    left = output.adopted < BATCH ? 0 : output.adopted
  }
}

async function unclocked(read: Read): Promise<string[]> {
  const rows = await read
    .selectFrom('ticket')
    .leftJoin('slaTicket', 'slaTicket.ticketId', 'ticket.id')
    .select('ticket.id')
    .where('slaTicket.ticketId', 'is', null)
    .orderBy('ticket.id')
    .limit(BATCH)
    .execute()
  return rows.map(({ id }) => id)
}
