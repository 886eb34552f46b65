/**
 * Compares the log's own verdict on each incident's SLA with ours. Its policy is not in the log, so this is a
 * comparison with the policies that are set up here, and names possible reasons for a disagreement.
 */
import type { Clock } from '../../slices/sla/engine/clock.ts'
import type { Read } from '../../core/storage/db.ts'
import { derivedId } from './ids.ts'

/** By the number of the incident: whether its last row says that its SLA was met. */
export type Verdicts = Map<string, boolean>

export interface Comparison {
  /** Both agree. */
  met: number
  breached: number
  onlyWeMet: number
  onlyTheyMet: number
  /** Without a clock, or not decided yet. */
  undecided: number
  /** Reasons of the disagreements; one may have several. */
  readonly reasons: { priorityChanged: number; waited: number; reopened: number; targetAlone: number }
}

const BATCH = 500

/** Notes the verdict of a row; the column may be missing. */
export function noteVerdict(verdicts: Verdicts, { number, made_sla: made }: Readonly<Record<string, string>>): void {
  const said = made?.trim().toUpperCase()
  if (number !== undefined && (said === 'TRUE' || said === 'FALSE')) verdicts.set(number, said === 'TRUE')
}

/** Null if the log has no verdicts. */
export async function compareVerdicts(read: Read, verdicts: Verdicts): Promise<Comparison | null> {
  if (verdicts.size === 0) return null
  const reasons = { priorityChanged: 0, waited: 0, reopened: 0, targetAlone: 0 }
  const comparison: Comparison = { met: 0, breached: 0, onlyWeMet: 0, onlyTheyMet: 0, undecided: 0, reasons }
  const entries = [...verdicts].map(([number, made]) => [derivedId('ticket', number), made] as const)
  for (let at = 0; at < entries.length; at += BATCH) {
    const some = entries.slice(at, at + BATCH)
    const clocks = await resolutions(
      read,
      some.map(([ticketId]) => ticketId),
    )
    for (const [ticketId, made] of some) compare(comparison, clocks.get(ticketId), made)
  }
  return comparison
}

interface Resolution {
  readonly isBreached: boolean
  readonly isEnded: boolean
  readonly pauses: Clock['pauses']
  readonly segments: Clock['segments']
}

function compare(comparison: Comparison, clock: Resolution | undefined, made: boolean): void {
  if (clock === undefined || !(clock.isBreached || clock.isEnded)) {
    comparison.undecided += 1
    return
  }
  if (clock.isBreached === !made) {
    comparison[made ? 'met' : 'breached'] += 1
    return
  }
  comparison[made ? 'onlyTheyMet' : 'onlyWeMet'] += 1
  const { reasons } = comparison
  const isReopened = clock.pauses.some(({ why }) => why === 'ended')
  const hasWaited = clock.pauses.some(({ why }) => why === 'waiting')
  const isChanged = clock.segments.length > 1
  if (isReopened) reasons.reopened += 1
  if (hasWaited) reasons.waited += 1
  if (isChanged) reasons.priorityChanged += 1
  if (!isReopened && !hasWaited && !isChanged) reasons.targetAlone += 1
}

/** The last cycle of each ticket. */
async function resolutions(read: Read, ticketIds: readonly string[]): Promise<Map<string, Resolution>> {
  const rows = await read
    .selectFrom('slaClock')
    .select(['ticketId', 'state', 'breachAt', 'pauses', 'segments'])
    .where('ticketId', 'in', [...ticketIds])
    .where('metric', '=', 'resolution')
    .where('isVoid', '=', 0)
    .orderBy('cycle')
    .execute()
  return new Map(
    rows.map(({ ticketId, state, breachAt, pauses, segments }) => [
      ticketId,
      {
        isBreached: breachAt !== null,
        isEnded: state === 'stopped',
        pauses: JSON.parse(pauses) as Clock['pauses'],
        segments: JSON.parse(segments) as Clock['segments'],
      },
    ]),
  )
}

export function comparisonLines({ met, breached, onlyWeMet, onlyTheyMet, undecided, reasons }: Comparison): string[] {
  const figure = (amount: number) => amount.toLocaleString('en')
  const all = met + breached + onlyWeMet + onlyTheyMet
  const share = all === 0 ? 'none' : `${((100 * (met + breached)) / all).toFixed(1)} % of ${figure(all)}`
  return [
    `  SLA            Rejoin's resolution clocks agree with made_sla in the log in ${share} (${figure(undecided)} undecided)`,
    `    both met ${figure(met)}, both breached ${figure(breached)}, only Rejoin met ${figure(onlyWeMet)}, only the log met ${figure(onlyTheyMet)}`,
    `    of the differences: ${figure(reasons.waited)} waited (the other policy may not pause), ${figure(reasons.reopened)} were reopened,` +
      ` ${figure(reasons.priorityChanged)} changed priority, ${figure(reasons.targetAlone)} differ in the target or calendar only`,
  ]
}
