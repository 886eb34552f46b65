/** A desk at which the same few tickets change hands, titles and tags day after day. */
import { v7 } from 'uuid'
import { SYSTEM_ID } from '@rejoin/server/core/ids.ts'
import { TICKET_COMMANDS } from '@rejoin/server/slices/tickets/commands.ts'
import type { InputOf, TicketCommandName } from '@rejoin/shared/commands.ts'
import { rowsOnDisk } from '../../harness/database.ts'
import type { World } from '../../harness/world.ts'

export const DAY = 24 * 3_600_000

/** Does it as the server itself would, whose right to it never expires. */
export async function act<Name extends TicketCommandName>(
  { app }: World,
  name: Name,
  input: InputOf<Name>,
): Promise<void> {
  await app.commits.commitOrThrow(TICKET_COMMANDS[name], input, { actorId: SYSTEM_ID, id: v7() })
}

/** What one day leaves in the log of each ticket. */
export async function oneDay(world: World, ticketIds: readonly string[], agentId: string, day: number): Promise<void> {
  const acts = ticketIds.flatMap((ticketId) => [
    act(world, 'ticket.edit', { ticketId, set: { title: `Title of day ${day}` } }),
    act(world, 'ticket.assign', { ticketId, agentId }),
    act(world, 'ticket.unassign', { ticketId }),
    act(world, day % 2 === 0 ? 'ticket.tag' : 'ticket.untag', { ticketId, tag: 'daily' }),
  ])
  await Promise.all(acts)
}

/** Nobody is signed out for half a year. */
export async function staySignedIn({ app, clock }: World): Promise<void> {
  const createdAt = clock.now()
  await app.db.writer
    .updateTable('session')
    .set({ createdAt, expiresAt: createdAt + 180 * DAY })
    .execute()
}

export interface Counts {
  readonly revisions: number
  readonly updates: number
  readonly audiences: number
  readonly inputs: number
}

/** How many rows are there that only devices which were away need. */
export function counts({ dataDir }: World): Counts {
  const [row] = rowsOnDisk(
    dataDir,
    `select (select count(*) from revision) as revisions, (select count(*) from documentUpdate) as updates,
      (select count(*) from audience) as audiences,
      (select count(*) from receipt where coalesce(input, output) is not null) as inputs`,
  )
  return row as unknown as Counts
}

/** How often devices were brought up to date in this way. */
export async function catchUps({ app }: World, mode: 'whole' | 'incremental' | 'nothing'): Promise<number> {
  const { values } = await app.metrics.catchUps.get()
  return values.find(({ labels }) => labels['mode'] === mode)?.value ?? 0
}
