/**
 * `/readyz`: whether requests should be sent here. Problems that only delay work (the SLA sweep, mail) are listed as
 * well, but take no server out of service.
 */
import type { Damage } from '../../core/storage/damage.ts'
import type { Database } from '../../core/storage/db.ts'
import { missingSteps } from '../../core/storage/pending.ts'
import type { JobState } from '../../core/runtime/jobs.ts'
import { readVitals, type Watched } from './vitals.ts'

/** Below this the next commits may not fit. */
const MIN_FREE_BYTES = 64 * 1024 * 1024
const MAX_SWEEP_LAG_S = 300
const MAX_OUTBOX_LAG_S = 900

interface Check {
  readonly ok: boolean
  /** Whether the server should get no requests while the check fails. */
  readonly isNeeded: boolean
  readonly says?: string
}

export interface Readiness {
  readonly ready: boolean
  readonly checks: Readonly<Record<string, Check>>
}

type WithData = Watched & {
  readonly damage: Damage
  readonly db: Pick<Database, 'misplaced'>
  readonly jobs: { states(): readonly JobState[] }
}

export async function readiness(app: WithData, isStopping: boolean): Promise<Readiness> {
  const checks: Record<string, Check> = {
    running: needed(!isStopping, 'The server is stopping.'),
    ...(await ofData(app)),
    jobs: ofJobs(app.jobs.states()),
    damage: late(app.damage.told.length === 0, app.damage.told.join(' ')),
  }
  return { ready: Object.values(checks).every(({ ok, isNeeded }) => ok || !isNeeded), checks }
}

function ofJobs(states: readonly JobState[]): Check {
  const waiting = states.filter(({ isLate }) => isLate)
  const told = waiting.map(({ name, overdueMs }) => `${name} has been overdue for ${Math.round(overdueMs / 1000)} s.`)
  return late(waiting.length === 0, told.join(' '))
}

async function ofData(app: WithData): Promise<Record<string, Check>> {
  const problem = app.db.misplaced()
  if (problem !== null) {
    return {
      database: needed(
        false,
        `${problem} Nothing is stored. Stop the server: it saves a complete copy of the database to a file.`,
      ),
    }
  }
  try {
    const missing = missingSteps(app.read)
    const { diskFreeBytes, sweepLagSeconds, outboxLagSeconds } = await readVitals(app)
    return {
      database: needed(true, ''),
      migrations: needed(missing.length === 0, `Pending migrations: ${missing.join(', ')}.`),
      disk: needed(diskFreeBytes >= MIN_FREE_BYTES, `${diskFreeBytes} bytes are free.`),
      sweep: late(sweepLagSeconds <= MAX_SWEEP_LAG_S, `The SLA sweep is ${Math.round(sweepLagSeconds)} s behind.`),
      outbox: late(
        outboxLagSeconds <= MAX_OUTBOX_LAG_S,
        `A message has been overdue for ${Math.round(outboxLagSeconds)} s.`,
      ),
    }
  } catch (error) {
    return { database: needed(false, error instanceof Error ? error.message : String(error)) }
  }
}

function needed(ok: boolean, says: string): Check {
  return { ok, isNeeded: true, ...(!ok && { says }) }
}

function late(ok: boolean, says: string): Check {
  return { ok, isNeeded: false, ...(!ok && { says }) }
}
