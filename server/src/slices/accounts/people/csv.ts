/**
 * People as CSV: a header, and a row each. An import reads an export as the same people again: a cell that a
 * spreadsheet would take for a formula, with apostrophes before it or none, has one more, which the import takes off;
 * and the departments are a line of CSV in their cell, so that a name may have a semicolon.
 */
import { CsvError, parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { z } from 'zod'
import { Zone } from '@rejoin/shared/zone.ts'
import { Role } from '@rejoin/shared/access/access.ts'
import { Email } from '@rejoin/shared/email.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { composed } from '@rejoin/shared/names.ts'
import { dialectOf, LINE_ENDS } from '../../../core/input/csv-dialect.ts'
import { Locale, Name, Organisation, Phone } from '../contract/fields.ts'

const COLUMNS = [
  'number',
  'name',
  'email',
  'role',
  'departments',
  'status',
  'phone',
  'locale',
  'zone',
  'organisation',
  'custom role',
] as const
/** A file without these columns is no list of people. */
const NEEDED_COLUMNS = ['name', 'email', 'role'] as const
const BETWEEN_NAMES = ';'
/** The limit at every other door. */
const MOST_DEPARTMENTS = 50
/** The characters with which spreadsheets begin a formula, also in the wide forms of East Asia. */
const FORMULA = /^'*[=+\-@\t\r\uFF0B\uFF0D\uFF1D\uFF20]/
/** Cells to quote: also those with a character by which a spreadsheet with other settings would end a cell. */
const QUOTED = /[;\t\r]/
/** Stands for a character that could not be decoded: the name is lost, and nothing here can mend it. */
const LOST = '\uFFFD'
const IS_LOST = 'has a character that was lost when the file was read as UTF-8: save it as UTF-8 and import it again'

function isWhole(name: string): boolean {
  return !name.includes(LOST)
}

const blank = z
  .string()
  .optional()
  .transform((text) => (text === '' ? undefined : text))

/** The columns of a person; an import assigns a new number. Departments are named, with semicolons between them. */
export const PersonRow = z.object({
  name: Name.refine(isWhole, IS_LOST),
  email: Email,
  role: Role,
  status: blank.pipe(z.enum(['active', 'pending', 'disabled']).default('active')),
  departments: z
    .string()
    .default('')
    .transform((text) => [...new Set(namesIn(text).flatMap((name) => composed(name).trim() || []))])
    .pipe(z.array(z.string()).max(MOST_DEPARTMENTS, `has more than ${MOST_DEPARTMENTS} departments`)),
  phone: blank.pipe(Phone.optional()),
  locale: blank.pipe(Locale.optional()),
  zone: blank.pipe(Zone.optional()),
  organisation: blank.pipe(Organisation.refine(isWhole, IS_LOST).optional()),
  /** The custom role's name; its base is `role`. */
  'custom role': blank.pipe(z.string().max(200).optional()),
})

type Row = Readonly<Record<Exclude<(typeof COLUMNS)[number], 'departments'>, string | null>> & {
  readonly departments: readonly string[]
}

export function csvOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => ({ ...row, departments: cellOf(row.departments) }))
  return stringify(cells, { header: true, columns: [...COLUMNS], cast: { string: guarded }, quoted_match: QUOTED })
}

/** The names as one line of CSV. */
function cellOf(names: readonly string[]): string {
  return names.length === 0 ? '' : stringify([[...names]], { delimiter: BETWEEN_NAMES, eof: false, quoted_match: '\r' })
}

function namesIn(cell: string): string[] {
  const options = {
    delimiter: BETWEEN_NAMES,
    record_delimiter: LINE_ENDS,
    relax_quotes: true,
    relax_column_count: true,
    ltrim: true,
    rtrim: true,
  }
  try {
    return parse(cell, options).flat()
  } catch (error) {
    // A quote that is never closed: the cell as it is names no department, and is refused as that.
    if (error instanceof CsvError) return [cell]
    throw error
  }
}

export interface Line {
  readonly line: number
  readonly cells: Readonly<Record<string, string>>
}

/**
 * The lines below the header. Throws `Refusal('invalid')` unless the file lists people; `name` names it in the error.
 */
export function linesOf(csv: string, name: string): Line[] {
  const [header, ...records] = recordsOf(csv.replace(/^\uFEFF/, ''), name)
  const columns = header?.record.map((column) => column.trim().toLowerCase()) ?? []
  const lacking = NEEDED_COLUMNS.filter((column) => !columns.includes(column))
  if (lacking.length > 0) {
    const message = `${name} is not a list of people: it lacks the columns ${lacking.join(', ')}.`
    throw new Refusal('invalid', message, 'The first line must name the columns. An export of people shows an example.')
  }
  const twice = COLUMNS.filter((column) => columns.indexOf(column) !== columns.lastIndexOf(column))
  if (twice.length > 0) {
    const message = `${name}: the header has the column ${twice.join(', ')} more than once.`
    throw new Refusal('invalid', message, 'Rename or remove one of them, and import the file again.')
  }
  const longer = records.find(({ record }) => record.length > columns.length)
  if (longer !== undefined) {
    const cells = `${longer.record.length} cells, but the header has ${columns.length}`
    const message = `${name}: the row that ends on line ${longer.info.lines} has ${cells}. Nothing was imported.`
    throw new Refusal('invalid', message, 'Put a cell that contains a separator in quotes, and import the file again.')
  }
  // A header may have any number of other columns, each of which would cost time in every line.
  const places = COLUMNS.map((column) => [column, columns.indexOf(column)] as const).filter(([, at]) => at >= 0)
  return records.map(({ record, info }) => ({
    line: info.lines,
    cells: Object.fromEntries(places.map(([column, at]) => [column, plainCell(record[at]?.trim() ?? '')])),
  }))
}

interface CsvRecord {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

/** The records, without the line that names the delimiter. */
function recordsOf(csv: string, name: string): CsvRecord[] {
  const { delimiter, isTold } = dialectOf(csv, COLUMNS)
  const options = {
    delimiter,
    record_delimiter: LINE_ENDS,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
  }
  try {
    // With `info`, which the library's types do not know, a record comes with its position.
    const records = parse(csv, options) as unknown as CsvRecord[]
    return isTold ? records.slice(1) : records
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Refusal('invalid', `${name} cannot be read as CSV: ${reason}`)
  }
}

function guarded(cell: string): string {
  return FORMULA.test(cell) ? `'${cell}` : cell
}

/** The cell as it was before `guarded`. */
function plainCell(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell
}
