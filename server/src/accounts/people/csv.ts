/**
 * People as CSV: a header, and a row each. A cell that a spreadsheet would take for a formula is written with an
 * apostrophe before it, which reading takes off again.
 */
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { z } from 'zod'
import { Role } from '@rejoin/shared/access.ts'
import { Refusal } from '@rejoin/shared/errors.ts'
import { Organisation } from '@rejoin/shared/tickets.ts'
import { Email, Locale, Name, Phone, Zone } from './fields.ts'

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
] as const
/** Without these it is none of people. */
const NEEDED_COLUMNS = ['name', 'email', 'role'] as const
const BETWEEN_NAMES = ';'
/** What `escape_formulas` of csv-stringify looks for, with the apostrophe that it puts before it. */
const ESCAPED = /^'[=+\-@\t\r\uFF0B\uFF0D\uFF1D\uFF20]/

const blank = z
  .string()
  .optional()
  .transform((text) => (text === '' ? undefined : text))

/** What of a row makes a person; the number is given anew. Departments are named, with semicolons between them. */
export const PersonRow = z.object({
  name: Name,
  email: Email,
  role: Role,
  status: blank.pipe(z.enum(['active', 'pending', 'disabled']).default('active')),
  departments: z
    .string()
    .default('')
    .transform((text) => text.split(BETWEEN_NAMES).flatMap((name) => name.trim() || [])),
  phone: blank.pipe(Phone.optional()),
  locale: blank.pipe(Locale.optional()),
  zone: blank.pipe(Zone.optional()),
  organisation: blank.pipe(Organisation.optional()),
})

type Row = Readonly<Record<Exclude<(typeof COLUMNS)[number], 'departments'>, string | null>> & {
  readonly departments: readonly string[]
}

export function csvOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => ({ ...row, departments: row.departments.join(BETWEEN_NAMES) }))
  return stringify(cells, { header: true, columns: [...COLUMNS], escape_formulas: true })
}

export interface Line {
  readonly line: number
  readonly cells: Readonly<Record<string, string>>
}

/** The lines below the header. Throws `Refusal('invalid')` for what is no file of people; `name` says what that is. */
export function linesOf(csv: string | Uint8Array, name: string): Line[] {
  const [header, ...records] = recordsOf(csv, name)
  const columns = header?.record.map((column) => column.trim().toLowerCase()) ?? []
  const lacking = NEEDED_COLUMNS.filter((column) => !columns.includes(column))
  if (lacking.length > 0) {
    const message = `${name} is no file of people: it lacks the columns ${lacking.join(', ')}.`
    throw new Refusal('invalid', message, 'The first line names them; an export of people shows how.')
  }
  // A header may have any number of others, for each of which every line would cost.
  const places = COLUMNS.map((column) => [column, columns.lastIndexOf(column)] as const).filter(([, at]) => at >= 0)
  return records.map(({ record, info }) => ({
    line: info.lines,
    cells: Object.fromEntries(places.map(([column, at]) => [column, plainCell(record[at] ?? '').trim()])),
  }))
}

interface CsvRecord {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

function recordsOf(csv: string | Uint8Array, name: string): CsvRecord[] {
  const options = { bom: true, info: true, relax_column_count: true, skip_empty_lines: true }
  try {
    // With `info`, which its types do not know of, a record comes with where it was.
    return parse(typeof csv === 'string' ? csv : Buffer.from(csv), options) as unknown as CsvRecord[]
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Refusal('invalid', `${name} cannot be read as CSV: ${reason}`)
  }
}

/** The cell as it was before `csvOf`. */
function plainCell(cell: string): string {
  return ESCAPED.test(cell) ? cell.slice(1) : cell
}
