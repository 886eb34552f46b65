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

/** The width of a terminal as it opens. */
const COLUMNS = 80
/** A space on each side of a cell. */
const PADDING = 2

/** A table no wider than a terminal: cells that are too long break between words. */
export function table(title: string, head: string[], rows: string[][]): string {
  const style = { head: [], border: [], compact: true }
  const table = new Table({ head, style, wordWrap: true, colWidths: widthsOf([head, ...rows]) })
  table.push(...rows)
  return `${wrapped(title)}\n${table.toString()}`
}

/** Each column as wide as its longest cell; where that is too much, those that can break between words are narrower. */
function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const columns = (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? ''))
  const widths = columns.map((cells) => Math.max(...cells.map((cell) => cell.length)) + PADDING)
  const least = columns.map((cells) => Math.max(...wordsOf(cells).map((word) => word.length)) + PADDING)
  const room = COLUMNS - columns.length - 1
  for (let over = sum(widths) - room; over > 0; over -= 1) {
    const spare = widths.map((width, column) => width - (least[column] ?? 0))
    const widest = spare.indexOf(Math.max(...spare))
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

const wordsOf = (cells: readonly string[]) => cells.flatMap((cell) => cell.split(' '))

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** The text in lines that fit. */
export function wrapped(text: string): string {
  return text.replaceAll(new RegExp(`(?=.{${COLUMNS + 1}})(.{0,${COLUMNS - 1}}\\S) `, 'g'), '$1\n')
}
