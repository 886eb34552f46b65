/** Figures from measurements: medians with their ranges, and tables of them. */
import Table from 'cli-table3'

/** The value below which `share` (0–1) of the samples lie. Throws for no samples. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((left, right) => left - right)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  if (value === undefined) throw new Error('nothing was measured')
  return value
}

/** `12.3 ms (11–15)`: the median and the range. */
export function range(samples: readonly number[], unit: string): string {
  const [least, median, most] = [0, 0.5, 1].map((share) => percentile(samples, share))
  const isConstant = least === most
  return `${short(median)} ${unit}${isConstant ? '' : ` (${short(least)}–${short(most)})`}`
}

export function short(value = 0): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))
}

export function table(title: string, head: string[], rows: string[][]): string {
  const table = new Table({ head, style: { head: [], border: [], compact: true } })
  table.push(...rows)
  return `${title}\n${table.toString()}`
}
