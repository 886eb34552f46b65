/** What a clock of the simulator noted, and what that comes to, counted minute by minute. */

export interface SlowTerms {
  readonly name: string
  /** Minute by minute whether it is worked. */
  readonly open: readonly boolean[]
  readonly targets: Readonly<Record<string, number | undefined>>
  readonly pauseOn: Readonly<Record<string, readonly string[] | undefined>>
  readonly onReopen: 'continue' | 'new_cycle' | 'ignore'
  readonly reopenWindow: number
  /** By their key, the minutes used up of a target. */
  readonly levels: (target: number) => readonly (readonly [key: number, minutes: number])[]
}

export interface Notes {
  readonly metric: string
  readonly cycle: number
  readonly start: number
  state: 'running' | 'paused' | 'stopped' | 'cancelled'
  stop: number | null
  /** At the minutes that are in it, it ran. */
  readonly ran: Set<number>
  readonly measured: { from: number; terms: SlowTerms; target: number }[]
}

/** What a clock comes to, in minutes. */
export interface SlowClock {
  readonly metric: string
  readonly cycle: number
  readonly state: string
  readonly start: number
  readonly elapsed: number
  readonly due: number | null
  readonly stop: number | null
  readonly breach: number | null
  readonly cause: string | null
  /** `key@minute` of each level that fired, in order. */
  readonly levels: readonly string[]
}

export function count(clock: Notes, asOf: number, end: number): SlowClock {
  const { metric, cycle, state, start, stop, measured, ran } = clock
  const last = measured.at(-1)
  if (last === undefined) throw new Error('a clock is measured by something')
  const { breach, cause, levels } = passed(clock, asOf)
  const elapsed = [...ran].filter((minute) => last.terms.open[minute]).length
  const due = dueOf(clock, last, { asOf, end })
  return { metric, cycle, state, start, elapsed, due, stop, breach, cause, levels }
}

/** As if it went on from now, or from its stop. */
function dueOf(
  { ran, state, stop, start }: Notes,
  { terms, target }: Notes['measured'][0],
  now: { asOf: number; end: number },
) {
  const goesOnFrom = state === 'paused' ? Infinity : (stop ?? now.asOf)
  let left = target
  for (let minute = start; minute < now.end; minute++) {
    if (left === 0) return minute
    if (terms.open[minute] === true && (ran.has(minute) || minute >= goesOnFrom)) left--
    if (left === 0) return minute + 1
  }
  return null
}

/** At each minute in which it ran: was so much used up before it? */
function passed({ measured, ran, start }: Notes, asOf: number): Pick<SlowClock, 'breach' | 'cause' | 'levels'> {
  const levels: string[] = []
  const ever = new Set<number>()
  let breach: number | null = null
  let cause: string | null = null
  for (const [generation, { from, terms, target }] of measured.entries()) {
    const until = Math.min(measured[generation + 1]?.from ?? Infinity, asOf)
    const due = terms.levels(target).toSorted(([a], [b]) => a - b)
    const fired = new Set<number>()
    let used = 0
    let usedUp: number | null = null
    for (let minute = start; minute <= until; minute++) {
      if (used >= target) usedUp ??= minute
      if (minute === from) for (const [key, minutes] of due) if (ever.has(key) && used >= minutes) fired.add(key)
      if (minute >= from && minute < until && ran.has(minute)) {
        if (usedUp !== null && breach === null) {
          breach = minute
          cause = usedUp === minute ? 'deadline' : from === minute ? 'policy_change' : 'later'
        }
        for (const [key, minutes] of due) {
          if (used < minutes || fired.has(key)) continue
          fired.add(key)
          ever.add(key)
          levels.push(`${key}@${minute}`)
        }
      }
      if (terms.open[minute] === true && ran.has(minute)) used++
    }
  }
  return { breach, cause, levels }
}
