/** What happened to a clock between two of its values, as the entries that `slaEvent` keeps. Pure. */
import { generationOf, hasEnded, type Clock, type Crossing } from '@rejoin/shared/sla/clock.ts'
import type { SlaEventTable } from '../tables.ts'

export interface Change {
  readonly kind: SlaEventTable['kind']
  readonly level: number
  readonly generation: number
  readonly at: number
}

/** What somebody may have to be told of. */
export interface Firing {
  /** The levels that it passed, in order. */
  readonly levels: readonly Crossing[]
  readonly isBreach: boolean
  /** The breach is none any more. */
  readonly isTakenBack: boolean
}

/** In the order in which they are told; `before` is undefined for a clock that begins. */
export function changesOf(before: Clock | undefined, after: Clock): Change[] {
  const of = (kind: Change['kind'], at: number, level = 0): Change => ({
    kind,
    level,
    generation: generationOf(after),
    at,
  })
  const passed = newIn(before, after).map(({ level, at }) => of('level', at, level))
  if (after.breachAt !== null && before?.breachAt !== after.breachAt) passed.push(of('breach', after.breachAt, 100))
  const moves = before === undefined ? [of('start', after.startAt)] : movesBetween(before, after, of)
  const taken = takenBack(before, after).map(({ level, generation }) => ({
    ...of('retract', after.markAt, level),
    generation,
  }))
  return [...passed.toSorted((a, b) => a.at - b.at), ...moves, ...taken].toSorted(startsFirst)
}

function startsFirst(a: Change, b: Change): number {
  return Number(b.kind === 'start') - Number(a.kind === 'start')
}

/** Whoever was told of a level or a breach is not told again because it turns out to have been at another time. */
export function firingOf(before: Clock | undefined, after: Clock): Firing {
  const known = before?.crossed ?? []
  const levels = newIn(before, after).filter(
    ({ level, generation }) => !known.some((each) => each.level === level && each.generation === generation),
  )
  const [earlier, later] = [before?.breachAt ?? null, after.breachAt]
  return {
    levels,
    isBreach: later !== null && earlier === null,
    isTakenBack: later === null && earlier !== null,
  }
}

/** One of before its generation was carried over, and not passed anew. */
function newIn(before: Clock | undefined, after: Clock): Crossing[] {
  const known = before?.crossed ?? []
  const fires = ({ at, generation }: Crossing) => at >= (after.segments[generation]?.from ?? 0)
  return after.crossed.filter((crossing) => fires(crossing) && !known.some((each) => isSame(each, crossing)))
}

/** What was recorded, and is not so any more. */
function takenBack(before: Clock | undefined, after: Clock): { level: number; generation: number }[] {
  if (before === undefined) return []
  const gone = before.crossed.filter((crossing) => !after.crossed.some((each) => isSame(each, crossing)))
  const isBreachGone = before.breachAt !== null && before.breachAt !== after.breachAt
  const others = gone.filter(({ level }) => !isBreachGone || level !== 100)
  return isBreachGone ? [...others, { level: 100, generation: generationOf(before) }] : others
}

function movesBetween(before: Clock, after: Clock, of: (kind: Change['kind'], at: number) => Change): Change[] {
  const moves: Change[] = []
  const segment = after.segments.at(-1)
  if (segment !== undefined && after.segments.length > before.segments.length) moves.push(of('retarget', segment.from))
  if (after.excusedAt !== null && before.excusedAt === null) moves.push(of('excuse', after.excusedAt))
  if (after.state === 'stopped' || after.state === 'cancelled') {
    const isNew = before.state !== after.state || before.stopAt !== after.stopAt
    if (isNew) moves.push(of(after.state === 'stopped' ? 'stop' : 'cancel', after.stopAt ?? after.markAt))
  } else if (hasEnded(before)) moves.push(of('reopen', after.markAt))
  if (after.state === 'paused' && before.state !== 'paused') moves.push(of('pause', after.markAt))
  if (before.state === 'paused' && (after.state === 'running' || after.state === 'unschedulable'))
    moves.push(of('resume', after.markAt))
  return moves
}

function isSame(a: Crossing, b: Crossing): boolean {
  return a.level === b.level && a.generation === b.generation && a.at === b.at
}
