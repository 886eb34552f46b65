/**
 * Clocks that were moved while the clock of the machine was ahead would rest until that time has come. They are computed
 * anew from the log, whose times are bounded (`clocks/settled.ts`), and whoever was told of a breach that is none hears so.
 */
import { sql } from 'kysely'
import { z } from 'zod'
import { command } from '../core/commit/command.ts'
import type { Commits } from '../core/commit/commit.ts'
import type { Read } from '../core/db.ts'
import { SYSTEM_ID } from '../core/ids.ts'
import { mend } from './clocks/recompute.ts'
import { tellOfFired } from './escalation/tell.ts'

const BATCH = 200

const mendAhead = command({
  name: 'sla.mend-ahead',
  input: z.object({ after: z.string() }),
  room: 'any',
  async run(context, { after }) {
    const ticketIds = await ticketsAhead(context.tx, context.now, { after, limit: BATCH })
    for (const ticketId of ticketIds) await tellOfFired(context, ticketId, mend(context, ticketId))
    return { last: ticketIds.at(-1) ?? null }
  },
})

/** Resolves when no clock is ahead any more. It reads all of them: for when the clock of the machine has gone back. */
export async function mendClocksAhead({ read, commits, now }: { read: Read; commits: Commits; now(): number }) {
  if (!wasAhead(read, now())) return
  let after: string | null = ''
  while (after !== null) {
    const done: { output: { last: string | null } } = await commits.commitOrThrow(
      mendAhead,
      { after },
      { actorId: SYSTEM_ID },
    )
    after = done.output.last
  }
}

/** Whether something was written later than now. */
function wasAhead(read: Read, now: number): boolean {
  return read.rows('select 1 from revision where at > ? limit 1', [now]).length > 0
}

/** Tickets whose clocks stand later than now, by their ids. */
export async function ticketsAhead(
  read: Read,
  now: number,
  { after, limit }: { after: string; limit: number },
): Promise<string[]> {
  const stands = sql<number>`case when json_valid("standing") then json_extract("standing", '$.at') else 0 end`
  const rows = await read
    .selectFrom('slaTicket')
    .select('ticketId')
    .where('ticketId', '>', after)
    .where(({ or, exists, selectFrom }) => {
      const clocks = selectFrom('slaClock')
        .select('slaClock.id')
        .whereRef('slaClock.ticketId', '=', 'slaTicket.ticketId')
      const isAhead = clocks.where((clock) =>
        clock.or([clock('markAt', '>', now), clock('breachAt', '>', now), clock('stopAt', '>', now)]),
      )
      return or([sql<boolean>`${stands} > ${now}`, exists(isAhead)])
    })
    .orderBy('ticketId')
    .limit(limit)
    .execute()
  return rows.map(({ ticketId }) => ticketId)
}
