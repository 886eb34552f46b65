/**
 * Applies changed policies to open tickets, a few hundred at a time, so that nobody waits behind a million of them. Where
 * it has come to is on disk: a restart goes on from there.
 */
import { sql } from 'kysely'
import { z } from 'zod'
import { OPEN_STATUSES } from '@rejoin/shared/statuses.ts'
import { command, type CommandContext } from '../../core/command.ts'
import type { Commits } from '../../core/commit/commit.ts'
import type { Read } from '../../core/storage/db.ts'
import { SYSTEM_ID } from '../../core/ids.ts'
import { insertRow } from '../../core/storage/prepared.ts'
import { candidates, choose, factsOf, isSame, lastChoiceAt, type Candidate } from './clocks/choice.ts'
import { findStored } from './clocks/stored.ts'
import { tellOfFired } from './escalation/tell.ts'
import { moveToChoice } from './reaction.ts'

const BATCH = 200

/** From now on open tickets are measured by what policies and calendars say now. */
export function applyToOpen({ tx, now }: CommandContext): void {
  insertRow(tx, 'slaRollout', { at: now, afterTicket: '' })
}

const continueRollout = command({
  name: 'sla.roll-out',
  input: z.object({}),
  room: 'any',
  async run(context) {
    const { tx } = context
    const rollout = await tx.selectFrom('slaRollout').selectAll().orderBy('id').executeTakeFirst()
    if (rollout === undefined) return { isDone: true }
    const ticketIds = await openTickets(tx, rollout.afterTicket, BATCH)
    const offered = candidates(tx)
    for (const ticketId of ticketIds) await rechoose(context, ticketId, { offered, at: rollout.at })
    const last = ticketIds.at(-1)
    if (last === undefined) await tx.deleteFrom('slaRollout').where('id', '=', rollout.id).execute()
    else await tx.updateTable('slaRollout').set({ afterTicket: last }).where('id', '=', rollout.id).execute()
    return { isDone: false }
  },
})

async function rechoose(
  context: CommandContext,
  ticketId: string,
  { offered, at }: { offered: readonly Candidate[]; at: number },
): Promise<void> {
  const { tx, now } = context
  const stored = findStored(tx, ticketId)
  if (stored === null) return
  const choice = choose(tx, offered, factsOf(tx, ticketId), null)
  if (isSame(choice, stored.chosen)) return
  const next = { choice, at: Math.max(Math.min(at, now), lastChoiceAt(context, ticketId)) }
  await tellOfFired(context, ticketId, moveToChoice(context, stored, next))
}

/** Written out as in the index `ticketOpen`: only so does SQLite see that it has them. */
const isOpen = sql<boolean>`status in (${sql.join(OPEN_STATUSES.map((status) => sql.lit(status)))})`

/** Those whose clocks may still run, by their ids. */
export async function openTickets(read: Read, after: string, limit: number): Promise<string[]> {
  const rows = await read
    .selectFrom('ticket')
    .select('id')
    .where(isOpen)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

/** Resolves when no change is left to apply, or the program stops. */
export async function rollOut({ read, commits }: { read: Read; commits: Commits }, signal: AbortSignal): Promise<void> {
  let isDone = (await read.selectFrom('slaRollout').select('id').executeTakeFirst()) === undefined
  while (!isDone && !signal.aborted) {
    isDone = (await commits.commitOrThrow(continueRollout, {}, { actorId: SYSTEM_ID })).output.isDone
  }
}
