/**
 * Runs the engine on the vectors of a file: the cases of a test, or stories under a policy that is being considered.
 */
import { describeIssues, Refusal } from '@rejoin/shared/errors.ts'
import type { Calendar } from '@rejoin/shared/sla/calendar.ts'
import { elapsedAt, isOverdue, type Clock } from '../clock.ts'
import { fireTimeOf } from '../clocks/crossings.ts'
import { levelKey } from '../policy.ts'
import { DEFAULT_POLICY, type Terms } from '../terms.ts'
import { timeline } from '../timeline.ts'
import { WorkingTime } from '@rejoin/shared/sla/working-time.ts'
import { impossible, knownEvents, ticketEvents } from './events.ts'
import { ReplayFile, Vector, type Defaults, type FileCalendar } from './format.ts'

/** The result for the last cycle of the metric. Times are ISO-8601, durations seconds. */
export interface Replayed {
  readonly id: string
  /** A state of a clock, or `not_started` when nothing began one. */
  readonly state: string
  readonly due_at: string | null
  readonly elapsed_s: number
  readonly remaining_s: number
  readonly breached: boolean
  readonly breach_at: string | null
  readonly overdue_now: boolean
  readonly stopped_at: string | null
  readonly cycles: number
  /** These three are absent where there is nothing to say. */
  readonly breached_by_policy_change?: true
  readonly flags?: readonly string[]
  readonly levels?: Readonly<Record<string, string | null>>
}

/** Throws `Refusal('invalid')` that names every vector it cannot take, the field, and the fault. */
export function replayFile(file: unknown): Replayed[] {
  const { defaults, calendars, vectors } = parsedFile(file)
  const compiled = new Map(Object.entries(calendars).map(([name, each]) => [name, new WorkingTime(calendarOf(each))]))
  const faults: string[] = []
  const replayed = vectors.flatMap((raw, index) => {
    const { data, error } = Vector.safeParse(raw)
    const fault =
      data === undefined
        ? describeIssues(error)
        : (unknownCalendar(data, compiled) ?? impossible(data, { ...defaults, ...data.policy }))
    if (data !== undefined && fault === undefined) return [replay(data, defaults, compiled)]
    faults.push(`${nameOf(raw, index)}: ${fault}`)
    return []
  })
  if (faults.length > 0) throw new Refusal('invalid', faults.join('; '))
  return replayed
}

function parsedFile(file: unknown) {
  const { data, error } = ReplayFile.safeParse(file)
  if (data !== undefined) return data
  throw new Refusal(
    'invalid',
    describeIssues(error),
    'The file must be an object with calendars, defaults and vectors.',
  )
}

function unknownCalendar(vector: Vector, compiled: ReadonlyMap<string, WorkingTime>): string | undefined {
  const isUnknown = (name: string | undefined) => name !== undefined && !compiled.has(name)
  if (isUnknown(vector.calendar)) return `calendar: there is no calendar named ${vector.calendar}`
  const index = vector.events.findIndex((event) => event.type === 'policy' && isUnknown(event.calendar))
  return index < 0 ? undefined : `events.${index}.calendar: there is no calendar of that name`
}

function nameOf(raw: unknown, index: number): string {
  const id = typeof raw === 'object' && raw !== null && 'id' in raw ? raw.id : undefined
  return typeof id === 'string' && id !== '' ? `vector ${id}` : `vector number ${index + 1}`
}

function replay(vector: Vector, defaults: Defaults, compiled: ReadonlyMap<string, WorkingTime>): Replayed {
  const { metric, as_of: asOf, policy } = vector
  const rules = { ...defaults, ...policy }
  const known = knownEvents(vector.events, asOf, rules)
  const events = ticketEvents(known, (change) => {
    const calendar = change?.calendar ?? vector.calendar
    return termsIn(vector, defaults, { targetMs: change?.target_s ?? vector.target_s, calendar, compiled })
  })
  const { clocks, terms } = timeline(events, asOf)
  const cycles = clocks.filter((clock) => clock.metric === metric)
  const flags = [...new Set(known.flatMap((each) => each.flags))]
  return {
    id: vector.id,
    ...told(cycles.at(-1), { terms, asOf, targetMs: vector.target_s }),
    cycles: cycles.length,
    ...(flags.length > 0 && { flags }),
    ...(vector.levels && { levels: levelTimes(cycles.at(-1), terms) }),
  }
}

function told(
  clock: Clock | undefined,
  { terms, asOf, targetMs }: { terms: Terms | null; asOf: number; targetMs: number },
) {
  const elapsedMs = clock === undefined || terms === null ? 0 : elapsedAt(clock, terms.working, asOf)
  return {
    state: clock?.state ?? ('not_started' as const),
    due_at: iso(clock?.dueAt),
    elapsed_s: elapsedMs / 1000,
    remaining_s: ((clock?.targetMs ?? targetMs) - elapsedMs) / 1000,
    breached: clock !== undefined && clock.breachAt !== null,
    breach_at: iso(clock?.breachAt),
    overdue_now: clock !== undefined && isOverdue(clock, asOf),
    stopped_at: iso(clock?.stopAt),
    ...(clock?.breachCause === 'policy_change' && { breached_by_policy_change: true as const }),
  }
}

function levelTimes(clock: Clock | undefined, terms: Terms | null): Record<string, string | null> {
  if (clock === undefined || terms === null) return {}
  return Object.fromEntries(terms.levels.map((level) => [levelKey(level), iso(fireTimeOf(clock, terms, level))]))
}

interface Measure {
  readonly targetMs: number
  /** Its name in the file, which stands for its version. */
  readonly calendar: string
  readonly compiled: ReadonlyMap<string, WorkingTime>
}

function termsIn({ metric, policy, levels }: Vector, defaults: Defaults, measure: Measure): Terms {
  const working = measure.compiled.get(measure.calendar)
  if (working === undefined) throw new Error(`There is no calendar ${measure.calendar}.`)
  const usual = defaults.pause_on?.[metric] ?? DEFAULT_POLICY.pauseOn[metric] ?? []
  return {
    policyVersion: 'file',
    calendarVersion: measure.calendar,
    working,
    targetMs: { [metric]: measure.targetMs },
    pauseOn: { [metric]: policy.pause_on ?? usual },
    levels: (levels ?? []).map((percent) => ({ percent, notify: [] })),
    onReopen: policy.on_reopen ?? defaults.on_reopen ?? DEFAULT_POLICY.onReopen,
    reopenWindowMs: policy.reopen_window_s ?? defaults.reopen_window_s ?? DEFAULT_POLICY.reopenWindowDays * 86_400_000,
  }
}

function calendarOf({ tz, weekly, holidays, extra_open: openings }: FileCalendar): Calendar {
  const hours = ({ from = '00:00', to = '24:00' }): [string, string] => [from, to]
  return {
    zone: tz,
    weekly,
    closures: holidays.map(({ date, recurring_from: firstDay = '', recurring_to: lastDay = '', ...part }) =>
      date === undefined ? { firstDay, lastDay, hours: hours(part) } : { date, hours: hours(part) },
    ),
    openings: openings.map(({ date, ...part }) => ({ date, hours: hours(part) })),
  }
}

/** ISO-8601 to the second, unless there are milliseconds to tell. */
function iso(at: number | null | undefined): string | null {
  return at === null || at === undefined ? null : new Date(at).toISOString().replace('.000Z', 'Z')
}
