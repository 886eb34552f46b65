/**
 * Clocks that were moved while the clock of the machine was ahead would rest until that time has come, and those that were
 * moved while it was back have begun too early. After a jump they are computed anew from the log, whose times are bounded
 * (`clocks/settled.ts`), and whoever was told of a breach that is none hears so.
 */
import { sql } from 'kysely'
import { z } from 'zod'
import { command } from '../core/commit/command.ts'
import type { Commits } from '../core/commit/commit.ts'
import type { Read } from '../core/db.ts'
import { SYSTEM_ID } from '../core/ids.ts'
import { prepared } from '../core/prepared.ts'
import type { Steadiness } from '../core/steadiness.ts'
import { CLOCK_IS_BEHIND, CLOCK_WENT_AHEAD, CLOCK_WENT_BACK } from './clocks/settled.ts'
import { mend } from './clocks/recompute.ts'
import { tellOfFired } from './escalation/tell.ts'

const BATCH = 200
/** Revisions: minutes of much work. */
const LOOKED_BACK = 1000

interface Ports {
  readonly read: Read
  readonly commits: Commits
  readonly steadiness: Pick<Steadiness, 'takeJump'>
  now(): number
}

export class AfterJumps {
  readonly #ports: Ports
  /** The last event of which the clocks are known to be right; null at the start. */
  #rightUntil: number | null = null

  constructor(ports: Ports) {
    this.#ports = ports
  }

  /** To be called when the clock jumps ahead, from `from`: a program that starts when it is right again knows why by that. */
  async noteAhead(from: number): Promise<void> {
    await this.#ports.commits.commitOrThrow(noteAhead, { from }, { actorId: SYSTEM_ID })
  }

  /** To be called while the clock of the machine goes evenly. After a jump it looks at every ticket, once. */
  async mend(): Promise<void> {
    const { read, commits, steadiness, now } = this.#ports
    const last = lastEvent(read)
    const jump = steadiness.takeJump()
    if (jump !== null && (this.#rightUntil !== null || wasAhead(read, now()))) {
      const since = this.#rightUntil ?? last
      const isKnown = jump.wasAhead || wentAhead(read, { now: now() }).length > 0
      if (wasAhead(read, now())) await commits.commitOrThrow(noteJump, { wasAhead: isKnown }, { actorId: SYSTEM_ID })
      for (let after: string | null = ''; after !== null;) after = await mendSome(commits, { after, since })
    }
    this.#rightUntil = last
  }
}

/**
 * What is recorded now says when all that is ahead of it was at the latest; where it is known that the clock was ahead, also
 * when that time has come.
 */
const noteJump = command({
  name: 'sla.note-jump',
  input: z.object({ wasAhead: z.boolean() }),
  run: async ({ event }, { wasAhead }) => event(wasAhead ? CLOCK_WENT_BACK : CLOCK_IS_BEHIND),
})

const noteAhead = command({
  name: 'sla.note-ahead',
  input: z.object({ from: z.int() }),
  run: async ({ event }, { from }) => event({ ...CLOCK_WENT_AHEAD, payload: { from } }),
})

async function mendSome(commits: Commits, input: { after: string; since: number }): Promise<string | null> {
  return (await commits.commitOrThrow(mendMoved, input, { actorId: SYSTEM_ID })).output.last
}

const mendMoved = command({
  name: 'sla.mend-moved',
  input: z.object({ after: z.string(), since: z.int() }),
  room: 'any',
  async run(context, { after, since }) {
    const { tx, now } = context
    const ticketIds = await ticketsMoved(tx, now, { after, since })
    for (const ticketId of ticketIds) await tellOfFired(context, ticketId, mend(context, ticketId))
    return { last: ticketIds.at(-1) ?? null }
  },
})

function lastEvent(read: Read): number {
  return read.rows<{ id: number }>('select max(id) as id from event', [])[0]?.id ?? 0
}

/** Whether something of late was written later than now. What is further back is found by `rejoin doctor`. */
function wasAhead(read: Read, now: number): boolean {
  return lateRevisions(read, {}).some(({ at }) => at > now)
}

const lateRevisions = prepared()((read) =>
  read.selectFrom('revision').select('at').orderBy('seq', 'desc').limit(sql.lit(LOOKED_BACK)),
)

/** The notes of jumps ahead to a time that has not come. */
const wentAhead = prepared<{ now: number }>()((read, param) =>
  read
    .selectFrom('event')
    .select('id')
    .where('subjectId', '=', sql.lit(CLOCK_WENT_AHEAD.subjectId))
    .where('type', '=', sql.lit(CLOCK_WENT_AHEAD.type))
    .where('recordedAt', '>', param('now'))
    .limit(sql.lit(1)),
)

/** Tickets whose clocks stand later than now, or that something has happened to after the event `since`; by their ids. */
async function ticketsMoved(
  read: Read,
  now: number,
  { after, since }: { after: string; since: number },
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
      const events = selectFrom('event').select('event.id').whereRef('event.subjectId', '=', 'slaTicket.ticketId')
      return or([sql<boolean>`${stands} > ${now}`, exists(isAhead), exists(events.where('event.id', '>', since))])
    })
    .orderBy('ticketId')
    .limit(BATCH)
    .execute()
  return rows.map(({ ticketId }) => ticketId)
}
