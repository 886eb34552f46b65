import type { Generated } from 'kysely'
import type { ClockState, Metric } from '@rejoin/shared/sla/metric.ts'

/** One target on one ticket in one cycle. `elapsedMs` was true at `markAt`; `nextFireAt` is what the sweep reads. */
export interface SlaClockTable {
  id: string
  ticketId: string
  metric: Metric
  cycle: number
  state: ClockState
  startAt: number
  targetMs: number
  elapsedMs: number
  markAt: number
  dueAt: number | null
  nextFireAt: number | null
  stopAt: number | null
  breachAt: number | null
  /** Rises when the target changes: the same breach may then be recorded once more. */
  generation: number
}

export interface SlaEventTable {
  id: Generated<number>
  clockId: string
  kind: 'start' | 'pause' | 'resume' | 'level' | 'breach' | 'retract' | 'stop' | 'retarget' | 'cancel' | 'excuse'
  level: number
  generation: number
  effectiveAt: number
  recordedAt: number
  detectedAt: number
  payload: string
}

declare module '../core/db.ts' {
  interface Tables {
    slaClock: SlaClockTable
    slaEvent: SlaEventTable
  }
}
