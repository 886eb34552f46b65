/** The log of a clock: its events follow from its value, so the log of a change is a difference. */
import type { Clock } from '../clock.ts'

export interface SlaEvent {
  readonly kind: 'start' | 'pause' | 'resume' | 'level' | 'breach' | 'stop' | 'retarget' | 'cancel' | 'excuse'
  /** The key of a level (see `levelKey`); 100 for a breach; 0 for the rest. */
  readonly level: number
  /** The index of the segment by which it fired, or that was in force until then. */
  readonly generation: number
  /** Effective, epoch ms. */
  readonly at: number
}

/** By their times; those of one instant in the order in which a clock goes through them. */
export function slaEventsOf(clock: Clock): SlaEvent[] {
  const { startAt, stopAt, state, pauses, segments, crossed, breachAt, excusedAt } = clock
  const generation = (isInForce: (from: number) => boolean) =>
    segments.findLastIndex(({ from }, index) => index === 0 || isInForce(from))
  // Other events at the instant of a change of target happen by the former target.
  const plain = (kind: SlaEvent['kind'], at: number | null): SlaEvent[] =>
    at === null ? [] : [{ kind, level: 0, generation: generation((from) => from < at), at }]
  const fired = crossed.filter(({ at, generation }) => at >= (segments[generation]?.from ?? startAt))
  const breach = breachAt === null ? [] : [{ at: breachAt, generation: generation((from) => from <= breachAt) }]
  return [
    ...plain('start', startAt),
    // An end ends a pause too: it is resumed and stopped at once.
    ...pauses.flatMap(({ from, until, why }) => [
      ...plain(why === 'ended' ? 'stop' : 'pause', from),
      ...plain('resume', until),
    ]),
    ...segments.map(({ from }, generation) => ({ kind: 'retarget' as const, level: 0, generation, at: from })).slice(1),
    ...fired.map((crossing) => ({ kind: 'level' as const, ...crossing })),
    ...breach.map((broken) => ({ kind: 'breach' as const, level: 100, ...broken })),
    ...plain(state === 'cancelled' ? 'cancel' : 'stop', stopAt),
    ...plain('excuse', excusedAt),
  ].toSorted((a, b) => a.at - b.at)
}

/** The events that a change adds, and the earlier ones that did not happen: retract a level or breach among them. */
export function slaChanges(before: Clock | null, after: Clock): { added: SlaEvent[]; retracted: SlaEvent[] } {
  const [old, now] = [before === null ? [] : slaEventsOf(before), slaEventsOf(after)]
  const key = ({ kind, level, generation, at }: SlaEvent) => `${kind} ${level} ${generation} ${at}`
  const [oldKeys, nowKeys] = [new Set(old.map(key)), new Set(now.map(key))]
  return {
    added: now.filter((event) => !oldKeys.has(key(event))),
    retracted: old.filter((event) => !nowKeys.has(key(event))),
  }
}
