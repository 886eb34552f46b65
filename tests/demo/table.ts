/** Small tables that fit into a terminal 120 characters wide. */
import CliTable from 'cli-table3'

/** A column's title, with a width where its text is to be wrapped. */
export type Column = string | readonly [title: string, width: number]

export function printTable(columns: readonly Column[], rows: readonly (readonly (string | number)[])[]): void {
  const table = new CliTable({
    head: columns.map((column) => (typeof column === 'string' ? column : column[0])),
    colWidths: columns.map((column) => (typeof column === 'string' ? null : column[1])),
    wordWrap: true,
    // Colours of its own would be written into a pipe too.
    style: { head: [], border: [], compact: true },
  })
  for (const row of rows) table.push(row.map(String))
  console.log(indented(table.toString()))
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '  ')
}
