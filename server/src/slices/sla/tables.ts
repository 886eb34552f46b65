import type { Generated } from 'kysely'
import type { BreachCause } from './engine/clock.ts'
import type { ClockState, Metric } from '@rejoin/shared/sla/metric.ts'
import type { Priority } from '@rejoin/shared/priority.ts'

/** Its present version; a version is never changed. */
export interface SlaCalendarTable {
  id: string
  name: string
  versionId: string
  createdAt: number
}

export interface SlaCalendarVersionTable {
  id: string
  calendarId: string
  number: number
  /** JSON of a `Calendar`. */
  value: string
  createdAt: number
  createdBy: string
}

/** The first by `position` that matches a ticket decides. */
export interface SlaPolicyTable {
  id: string
  position: number
  isEnabled: number
  versionId: string
  createdAt: number
}

export interface SlaPolicyVersionTable {
  id: string
  policyId: string
  number: number
  /** Also in its value. */
  calendarId: string
  /** JSON of a `Policy`. */
  value: string
  createdAt: number
  createdBy: string
}

/** Which policy a ticket falls under from `effectiveAt` on, and by which of its rules; null when none matches. */
export interface SlaChoiceTable {
  id: Generated<number>
  ticketId: string
  /** The last event in the ticket's log when it was chosen: what orders it among events of the same instant. */
  afterEvent: number
  effectiveAt: number
  recordedAt: number
  policyVersion: string | null
  calendarVersion: string | null
  priority: Priority
  rule: number | null
}

/** Where a ticket stands for its clocks, and by what they are measured now. */
export interface SlaTicketTable {
  ticketId: string
  policyVersion: string | null
  calendarVersion: string | null
  priority: Priority
  /** JSON of a `StoredStanding`. */
  standing: string
}

/** One target on one ticket in one cycle: the columns of a `Clock`, and what the server alone knows of it. */
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
  stopAt: number | null
  breachAt: number | null
  breachCause: BreachCause | null
  isProvisional: number
  excusedAt: number | null
  /** What the sweep reads. */
  nextFireAt: number | null
  /** JSON of lists. */
  pauses: string
  segments: string
  crossed: string
  /** How often something that was recorded was taken back: it may then be recorded once more. */
  retractions: number
  /** Late work has shown that it never began. */
  isVoid: number
  /** When a possible breach becomes one, if nothing is heard of the device until then. */
  confirmAt: number | null
  /** Somebody has taken note: further levels are silent, but for the deadline. */
  acknowledgedAt: number | null
  acknowledgedBy: string | null
}

export interface SlaEventTable {
  id: Generated<number>
  clockId: string
  kind:
    | 'start'
    | 'pause'
    | 'resume'
    | 'level'
    | 'breach'
    | 'confirm'
    | 'retract'
    | 'stop'
    | 'retarget'
    | 'cancel'
    | 'excuse'
    | 'acknowledge'
  level: number
  generation: number
  retractions: number
  effectiveAt: number
  recordedAt: number
  detectedAt: number
  payload: string
}

/** Since `at` policies are others; open tickets up to `afterTicket` have been looked at. */
export interface SlaRolloutTable {
  id: Generated<number>
  at: number
  afterTicket: string
}

/** Who may do what only one at a time does, until when. */
export interface LeaseTable {
  name: string
  holder: string
  until: number
}

declare module '../../core/storage/db.ts' {
  interface Tables {
    slaCalendar: SlaCalendarTable
    slaCalendarVersion: SlaCalendarVersionTable
    slaPolicy: SlaPolicyTable
    slaPolicyVersion: SlaPolicyVersionTable
    slaChoice: SlaChoiceTable
    slaTicket: SlaTicketTable
    slaClock: SlaClockTable
    slaEvent: SlaEventTable
    slaRollout: SlaRolloutTable
    lease: LeaseTable
  }
}
