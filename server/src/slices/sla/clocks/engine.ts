/**
 * A newer engine may measure otherwise: at the start after an upgrade, clocks that an earlier one has stored are computed
 * anew from the log, open and ended ones alike, so that all follow from it. Nobody is told of what changes by that.
 * Where it stands is on disk: a restart goes on from there.
 *
 * Engine 2 counts no repeated hour for a shift that ends at the time the clock is set back to. Only clocks by calendars
 * with such a shift can differ.
 */
import { z } from 'zod'
import type { Calendar } from '@rejoin/shared/sla/calendar.ts'
import { compileDays } from '@rejoin/shared/sla/time/days.ts'
import { offsetSpans } from '@rejoin/shared/sla/time/zone.ts'
import { command } from '../../../core/command.ts'
import type { Commits } from '../../../core/commit/commit.ts'
import type { Read } from '../../../core/storage/db.ts'
import { SYSTEM_ID } from '../../../core/ids.ts'
import { putRow } from '../../../core/storage/prepared.ts'
import { mend } from './recompute.ts'
import { UnreadableVersion, workingTime } from './versions.ts'

const ENGINE = 2
const KEY = 'sla-engine'
const BATCH = 200
const MINUTE = 60_000
const DAY_MINUTES = 1440
/** Tickets are no older, and no target reaches further than calendars do. */
const [FROM, UNTIL] = [Date.UTC(1970), Date.UTC(2100)]

const State = z.object({ engine: z.int(), after: z.string().nullable() })

const mendSome = command({
  name: 'sla.catch-up',
  input: z.object({ calendarVersions: z.array(z.string()) }),
  room: 'any',
  async run(context, { calendarVersions }) {
    const { after } = await stateOf(context.tx)
    const ticketIds = await measuredBy(context.tx, calendarVersions, after)
    for (const ticketId of ticketIds) readable(() => mend(context, ticketId))
    const last = ticketIds.length < BATCH ? null : (ticketIds.at(-1) ?? null)
    const value = JSON.stringify({ engine: ENGINE, after: last } satisfies z.input<typeof State>)
    putRow(context.tx, 'meta', { key: KEY }, { value })
    return { isDone: last === null, mended: ticketIds.length }
  },
})

/** Returns how many tickets were computed anew; 0 where this engine has measured all of them. */
export async function catchUpWithEngine({ read, commits }: { read: Read; commits: Commits }): Promise<number> {
  let mended = 0
  const { engine, after } = await stateOf(read)
  if (engine === ENGINE && after === null) return mended
  const calendarVersions = await changedCalendars(read)
  for (let isDone = false; !isDone;) {
    const { output } = await commits.commitOrThrow(mendSome, { calendarVersions }, { actorId: SYSTEM_ID })
    mended += output.mended
    isDone = output.isDone
  }
  return mended
}

async function stateOf(read: Read): Promise<z.output<typeof State>> {
  const row = await read.selectFrom('meta').select('value').where('key', '=', KEY).executeTakeFirst()
  return row === undefined ? { engine: 1, after: '' } : State.parse(JSON.parse(row.value))
}

async function changedCalendars(read: Read): Promise<string[]> {
  const rows = await read.selectFrom('slaCalendarVersion').select('id').orderBy('id').execute()
  return rows
    .filter(({ id }) => readable(() => endsWhereSetBack(workingTime(read, id).calendar)) ?? false)
    .map(({ id }) => id)
}

/** A version that the disk has damaged must not keep the server from starting; doctor names it. */
function readable<Result>(work: () => Result): Result | null {
  try {
    return work()
  } catch (error) {
    if (error instanceof UnreadableVersion) return null
    throw error
  }
}

/** Whether a shift ever ends at the time that the clock is set back to that day. */
export function endsWhereSetBack(calendar: Calendar): boolean {
  const intervalsOf = compileDays(calendar)
  const endsAt = (day: number, minute: number) => intervalsOf(day).some(([, end]) => end === minute)
  const spans = offsetSpans(calendar.zone, FROM, UNTIL)
  return spans.some(({ from, offsetMs }, index) => {
    if (offsetMs >= (spans[index - 1]?.offsetMs ?? -Infinity)) return false
    const reading = (from + offsetMs) / MINUTE
    const [day, minute] = [Math.floor(reading / DAY_MINUTES), reading % DAY_MINUTES]
    return minute === 0 ? endsAt(day - 1, DAY_MINUTES) : endsAt(day, minute)
  })
}

/** Those that ever were, by their ids. */
async function measuredBy(read: Read, calendarVersions: readonly string[], after: string | null): Promise<string[]> {
  if (calendarVersions.length === 0) return []
  const rows = await read
    .selectFrom('slaTicket')
    .select('ticketId')
    .where('ticketId', '>', after ?? '')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('slaChoice')
          .select('slaChoice.id')
          .whereRef('slaChoice.ticketId', '=', 'slaTicket.ticketId')
          .where('slaChoice.calendarVersion', 'in', calendarVersions),
      ),
    )
    .orderBy('ticketId')
    .limit(BATCH)
    .execute()
  return rows.map(({ ticketId }) => ticketId)
}
