/** Counts the targets met and breached in a range of time, and tells the rules of the count. */
import { sql, type RawBuilder } from 'kysely'
import type { ReadContext } from '../../../core/reports.ts'
import type { Read } from '../../../core/storage/db.ts'
import type { MetricsRange } from './contract.ts'
import { departmentsOf } from './readers.ts'

const RULES = [
  'A clock counts in the range in which it was decided: breached, or stopped without a breach.',
  'Attainment is met / (met + breached). Cancelled clocks do not count; excused breaches count only as excused.',
  'By agent: a breach caused by a change of policy or priority counts as excused; the agent is the current assignee.',
  'At risk: running clocks that are overdue or have used three quarters of their target in elapsed time.',
  'Paused: the share of elapsed time, from the start to the end or now, in which decided clocks were waiting.',
  'Retracted: breaches that late work cancelled; counted when the server received that work.',
]

/** A share of the target by the wall: working time would have to be computed for each clock that is open. */
const AT_RISK = 0.25

const GROUPS: Record<MetricsRange['by'], RawBuilder<string | null>> = {
  metric: sql`slaClock.metric`,
  policy: sql`(select policyId from slaPolicyVersion where id = segments ->> '$[#-1].policyVersion')`,
  priority: sql`ticket.priority`,
  department: sql`ticket."departmentId"`,
  agent: sql`ticket."assigneeId"`,
}

const DECIDED = sql<number>`coalesce("breachAt", "stopAt")`

export async function slaMetrics({ read, actor, now }: ReadContext, report: MetricsRange) {
  const clocks = clocksOf(read, report, departmentsOf(actor))
  const decided = await decidedIn(clocks, report, now)
  const atRisk = await atRiskOf(clocks, now)
  const retracted = await retractedIn(clocks, report)
  const keys = new Set([...decided, ...atRisk, ...retracted].map((row) => row.key))
  const groups = [...keys].map((each) => {
    const { key: _, ...found } = decided.find((row) => row.key === each) ?? { key: each, ...NONE }
    const { met, breached, excused, provisional, pausedMs, lastedMs } = found
    const attainment = met + breached === 0 ? null : met / (met + breached)
    const paused = lastedMs === 0 ? null : pausedMs / lastedMs
    const risky = atRisk.find((row) => row.key === each)?.atRisk ?? 0
    const taken = retracted.find((row) => row.key === each)?.retracted ?? 0
    const counts = { met, breached, excused, provisional, atRisk: risky, retracted: taken }
    return { key: each, attainment, paused, ...counts }
  })
  return { ...report, asOf: now, rules: RULES, groups: groups.toSorted(byKey) }
}

const NONE = { met: 0, breached: 0, excused: 0, provisional: 0, pausedMs: 0, lastedMs: 0 }

/** The clocks that the report counts, in its groups. */
function clocksOf(read: Read, { by, metric }: MetricsRange, departments: readonly string[] | null) {
  const key = GROUPS[by]
  let clocks = read
    .selectFrom('slaClock')
    .innerJoin('ticket', 'ticket.id', 'slaClock.ticketId')
    .select(key.as('key'))
    .where('isVoid', '=', 0)
    .where('state', '<>', 'cancelled')
    .groupBy(key)
  if (metric !== undefined) clocks = clocks.where('metric', '=', metric)
  return departments === null ? clocks : clocks.where('departmentId', 'in', [...departments, ''])
}

type Clocks = ReturnType<typeof clocksOf>

function decidedIn(clocks: Clocks, { by, from, until }: MetricsRange, now: number) {
  const causedByPolicy = by === 'agent' ? sql<boolean>`"breachCause" = 'policy_change'` : sql<boolean>`false`
  const isExcused = sql<boolean>`("excusedAt" is not null or ${causedByPolicy})`
  return clocks
    .select([
      sql<number>`sum("breachAt" is null)`.as('met'),
      sql<number>`sum("breachAt" is not null and not ${isExcused})`.as('breached'),
      sql<number>`sum("breachAt" is not null and ${isExcused})`.as('excused'),
      sql<number>`sum("isProvisional")`.as('provisional'),
      sql<number>`sum(${waited(now)})`.as('pausedMs'),
      sql<number>`sum(${endOf(now)} - slaClock."startAt")`.as('lastedMs'),
    ])
    .where(sql<boolean>`${DECIDED} is not null`)
    .where(DECIDED, '>=', from)
    .where(DECIDED, '<', until)
    .execute()
}

function atRiskOf(clocks: Clocks, now: number) {
  return clocks
    .select(sql<number>`count(*)`.as('atRisk'))
    .where('state', '=', sql<'running'>`'running'`)
    .where(sql<boolean>`slaClock."dueAt" - ${now} < "targetMs" * ${AT_RISK}`)
    .execute()
}

function retractedIn(clocks: Clocks, { from, until }: MetricsRange) {
  return clocks
    .innerJoin('slaEvent', 'slaEvent.clockId', 'slaClock.id')
    .select(sql<number>`count(*)`.as('retracted'))
    .where('kind', '=', 'retract')
    .where('level', '=', 100)
    .where('slaEvent.recordedAt', '>=', from)
    .where('slaEvent.recordedAt', '<', until)
    .execute()
}

/** The end of a clock, by the wall; now while it goes on. */
function endOf(now: number): RawBuilder<number> {
  return sql`coalesce("stopAt", ${now})`
}

/** The time for which a clock was paused, without the time between a stop and the reopening. */
function waited(now: number): RawBuilder<number> {
  return sql`(
    select coalesce(sum(coalesce(pause.value ->> 'until', ${endOf(now)}) - (pause.value ->> 'from')), 0)
    from json_each(pauses) as pause where pause.value ->> 'why' = 'waiting'
  )`
}

function byKey(a: { key: string | null }, b: { key: string | null }): number {
  return (a.key ?? '') < (b.key ?? '') ? -1 : 1
}
