/**
 * The delimiter of the cells of a CSV file: spreadsheets write commas, semicolons or tabs, depending on the country of
 * the machine. The header line decides, or a line `sep=;` above it; the rows are never looked at, for anybody's name
 * may hold a semicolon.
 *
 * Rows end with any of the three line ends, also with different ones in one file: a file written by two programs has
 * several.
 */
export const LINE_ENDS = ['\r\n', '\n', '\r']
const DELIMITERS = [',', ';', '\t'] as const
const TOLD = /^"?sep=([^"])"?$/i

export interface Dialect {
  readonly delimiter: string
  /** Whether the first line names the delimiter, so that the header is below it. */
  readonly isTold: boolean
}

/** `known`: names that the columns may have, in small letters. */
export function dialectOf(text: string, known: readonly string[]): Dialect {
  const [first = ''] = text.split(/\r\n|\n|\r/, 1)
  const told = TOLD.exec(first)?.[1]
  if (told !== undefined) return { delimiter: told, isTold: true }
  const names = (delimiter: string) =>
    first.split(delimiter).map((cell) => cell.replaceAll('"', '').trim().toLowerCase())
  const score = (delimiter: string) => names(delimiter).filter((name) => known.includes(name)).length
  const [best = ','] = DELIMITERS.toSorted((one, other) => score(other) - score(one))
  return { delimiter: best, isTold: false }
}
