/** Small tables that fit into a terminal 80 characters wide. */
import { stripVTControlCharacters } from 'node:util'
import CliTable from 'cli-table3'

const INDENT = '  '
const WIDTH = 80 - INDENT.length
/** Of a cell, beside its text. */
const PADDING = 2

/** A column's title, with a width where its text is to be wrapped. */
export type Column = string | readonly [title: string, width: number]

export function printTable(columns: readonly Column[], rows: readonly (readonly (string | number)[])[]): void {
  const table = new CliTable({
    head: columns.map((column) => (typeof column === 'string' ? column : column[0])),
    colWidths: widthsOf(columns, rows),
    wordWrap: true,
    // Colours of its own would be written into a pipe too.
    style: { head: [], border: [], compact: true },
  })
  for (const row of rows) table.push(row.map(String))
  console.log(indented(table.toString()))
}

/** As wide as the longest cell, or as the column says; the widest give way until all of them fit. */
function widthsOf(columns: readonly Column[], rows: readonly (readonly (string | number)[])[]): number[] {
  const widths = columns.map((column, index) => {
    const [title, most = Number.POSITIVE_INFINITY] = typeof column === 'string' ? [column] : column
    const lengths = rows.map((row) => stripVTControlCharacters(String(row[index] ?? '')).length)
    return Math.min(most, PADDING + Math.max(title.length, ...lengths))
  })
  const borders = columns.length + 1
  while (widths.reduce((sum, width) => sum + width, borders) > WIDTH) {
    const widest = Math.max(...widths)
    widths[widths.indexOf(widest)] = widest - 1
  }
  return widths
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, INDENT)
}
