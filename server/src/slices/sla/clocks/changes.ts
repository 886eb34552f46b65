/** The log entries for a change of a clock, and the levels and breaches in it that people are told of. Pure. */
import type { Clock } from '../engine/clock.ts'
import { slaChanges, type SlaEvent } from '../engine/clocks/sla-events.ts'
import type { SlaEventTable } from '../tables.ts'

export type Change = Omit<SlaEvent, 'kind'> & Pick<SlaEventTable, 'kind'>

export interface Firing {
  /** The keys of the levels that it passed, in order. */
  readonly levels: readonly number[]
  readonly isBreach: boolean
  /** The breach is taken back. */
  readonly isTakenBack: boolean
}

/** `before` is null for a clock that begins. */
export function changesOf(before: Clock | null, after: Clock): Change[] {
  const { added, retracted } = slaChanges(before, after)
  const gone = retracted.filter(({ kind }) => kind === 'level' || kind === 'breach')
  const byLevel = new Map(gone.map(({ level, generation }) => [level, generation]))
  const taken = [...byLevel].map(([level, generation]) => ({
    kind: 'retract' as const,
    level,
    generation,
    at: after.markAt,
  }))
  return [...added, ...taken]
}

/** A level or a breach that people were told of is not told again because it turns out to be at another time. */
export function firingOf(before: Clock | null, after: Clock): Firing {
  const known = new Set(before?.crossed.map(({ level, generation }) => `${level} ${generation}`))
  const levels = slaChanges(before, after).added.filter(
    ({ kind, level, generation }) => kind === 'level' && !known.has(`${level} ${generation}`),
  )
  const earlier = before?.breachAt ?? null
  return {
    levels: levels.map(({ level }) => level),
    isBreach: after.breachAt !== null && earlier === null,
    isTakenBack: after.breachAt === null && earlier !== null,
  }
}
