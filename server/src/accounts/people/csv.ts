/**
 * People as CSV: a header, and a row each. A cell that a spreadsheet would take for a formula is written with an
 * apostrophe before it, which reading takes off again.
 */
import { stringify } from 'csv-stringify/sync'
import { z } from 'zod'
import { Role } from '@rejoin/shared/access.ts'
import { Email, Locale, Name, Phone, Zone } from './fields.ts'

const COLUMNS = ['number', 'name', 'email', 'role', 'departments', 'status', 'phone', 'locale', 'zone'] as const
/** Without these a file is none of people. */
export const NEEDED_COLUMNS = ['name', 'email', 'role'] as const
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
})

type Row = Readonly<Record<Exclude<(typeof COLUMNS)[number], 'departments'>, string | null>> & {
  readonly departments: readonly string[]
}

export function csvOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => ({ ...row, departments: row.departments.join(BETWEEN_NAMES) }))
  return stringify(cells, { header: true, columns: [...COLUMNS], escape_formulas: true })
}

/** The cell as it was before `csvOf`. */
export function plainCell(cell: string): string {
  return ESCAPED.test(cell) ? cell.slice(1) : cell
}
