/** What a drill has to say at the end. */
import type { Outcome, Plan } from './drill.ts'

/** Everything is back, once, and the server's own report counts the same. */
export function isSound({ lost, again, missing, twice, waiting, report }: Outcome): boolean {
  const isTrue =
    report.recovered === again.applied + again.adjusted &&
    report.parked === again.parked &&
    report.refused === again.refused &&
    report.offered === lost + report.known
  return missing === 0 && again.refused === 0 && twice === 0 && waiting === 0 && isTrue
}

export function textOf({ devices, minutes, seed }: Omit<Plan, 'cacheDir'>, outcome: Outcome): string {
  const { acknowledged, lost, again, missing, twice, waited, waiting, report } = outcome
  const lines: [number, string][] = [
    [acknowledged, 'commands that the devices had been told of, and not refused'],
    [lost, 'of them lost by the restore'],
    [again.applied, '  back as they were'],
    [again.adjusted, '  back, adjusted'],
    [again.parked, '  parked'],
    [again.refused, '  refused'],
    [missing, '  missing'],
    [twice, 'effects that are there twice'],
    [waited, 'waited on devices when the server went down'],
    [waiting, 'still wait'],
    [report.devices, 'devices in sync.recoveries'],
    [report.offered, '  offered'],
    [report.known, '  not lost after all'],
    [report.recovered, '  recovered'],
    [report.parked, '  parked'],
    [report.refused, '  refused'],
  ]
  const verdict = isSound(outcome) ? 'sound' : 'NOT SOUND'
  const head = `Restore drill: ${devices} devices, ${minutes} minutes, seed ${seed}: ${verdict}`
  const counts = lines.map(([count, what]) => `${String(count).padStart(8)}  ${what}`)
  return [head, ...counts, ...outcome.reasons.map((reason) => `refused: ${reason}`), ''].join('\n')
}
