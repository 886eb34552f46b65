/** Every night some tickets are computed anew: clocks that do not follow from the log are an alarm. */
import { sql } from 'kysely'
import type { Read } from '../../core/db.ts'
import type { Log } from '../../core/log.ts'
import type { Metrics } from '../../core/metrics.ts'
import { driftOf } from './recompute.ts'

const SAMPLE = 500

interface Sampled {
  readonly read: Read
  readonly log: Log
  readonly metrics: Pick<Metrics, 'slaDrift'>
  now(): number
}

export async function sampleDrift({ read, log, metrics, now }: Sampled, signal: AbortSignal): Promise<void> {
  const rows = await read
    .selectFrom('slaTicket')
    .select('ticketId')
    .orderBy(sql`random()`)
    .limit(SAMPLE)
    .execute()
  let drifting = 0
  for (const { ticketId } of rows) {
    if (signal.aborted) return
    const drift = firstDrift(read, ticketId, now())
    if (drift === null) continue
    drifting += 1
    log.error(drift, 'SLA clocks do not follow from the log; run "rejoin sla recompute --dry-run"')
    // Others come first: a sample is as long as many commands.
    await new Promise((resolve) => setImmediate(resolve))
  }
  metrics.slaDrift.set(drifting)
}

/** What cannot be read does not follow from the log either; the other tickets are looked at all the same. */
function firstDrift(read: Read, ticketId: string, now: number): object | null {
  try {
    return driftOf(read, ticketId, now)[0] ?? null
  } catch (error) {
    return { ticketId, err: error }
  }
}
