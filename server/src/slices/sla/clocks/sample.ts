/** Every night some tickets are computed anew, in a thread: clocks that do not follow from the log are an alarm. */
import { sql } from 'kysely'
import { report, SYSTEM_ASKER, type ReadContext, type Reports } from '../../../core/reports.ts'
import type { Read } from '../../../core/storage/db.ts'
import type { Log } from '../../../core/runtime/log.ts'
import type { Metrics } from '../../../core/runtime/metrics.ts'
import { driftOf } from './recompute.ts'

const SAMPLE = 500

export const driftReport = report({
  name: 'sla.drift',
  what: 'sampling SLA clocks',
  hint: 'Set REJOIN_REPORT_MS higher.',
  must: () => undefined,
  read: (context, _: null) => driftOfSample(context),
})

interface Sampled {
  readonly reports: Reports
  readonly log: Log
  readonly metrics: Pick<Metrics, 'slaDrift'>
  now(): number
}

export async function sampleDrift({ reports, log, metrics, now }: Sampled): Promise<void> {
  const drifting = await reports.ask(driftReport, { ...SYSTEM_ASKER, now: now() }, null)
  for (const drift of drifting) {
    log.error(drift, 'SLA clocks differ from the event log; run "rejoin sla recompute --dry-run"')
  }
  metrics.slaDrift.set(drifting.length)
}

/** The first difference of each ticket of the sample that has one. */
async function driftOfSample({ read, now }: ReadContext): Promise<object[]> {
  const rows = await read
    .selectFrom('slaTicket')
    .select('ticketId')
    .orderBy(sql`random()`)
    .limit(SAMPLE)
    .execute()
  return rows.flatMap(({ ticketId }) => firstDrift(read, ticketId, now) ?? [])
}

/** What cannot be read does not follow from the log either; the other tickets are looked at all the same. */
function firstDrift(read: Read, ticketId: string, now: number): object | null {
  try {
    return driftOf(read, ticketId, now)[0] ?? null
  } catch (error) {
    return { ticketId, err: error }
  }
}
