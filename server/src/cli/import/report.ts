/** The result of an import: counted while it runs, printed at the end. Only the first skipped rows are kept. */
import { oneLine } from '@rejoin/shared/visible.ts'
import { comparisonLines, type Comparison } from './verdicts.ts'

const SKIPPED_SHOWN = 20

export interface SkippedRow {
  readonly line: number
  /** The column at fault; null if it is the row as a whole. */
  readonly field: string | null
  readonly reason: string
}

export interface Created {
  tickets: number
  users: number
  departments: number
}

export interface Report {
  readonly file: string
  readonly dryRun: boolean
  rows: number
  taken: number
  alreadyThere: number
  skipped: number
  readonly skippedRows: SkippedRow[]
  readonly created: Created
  /** Null while the import runs, and if the log has no SLA column. */
  sla: Comparison | null
  ms: number
  /** Why the rest of the file was not read; null if all of it was. */
  stopped: string | null
}

export function emptyReport(file: string, dryRun: boolean): Report {
  const created = { tickets: 0, users: 0, departments: 0 }
  const counts = { rows: 0, taken: 0, alreadyThere: 0, skipped: 0 }
  return { file, dryRun, ...counts, skippedRows: [], created, sla: null, ms: 0, stopped: null }
}

export type RowOutcome =
  | { readonly kind: 'imported'; readonly created: Readonly<Created> }
  | { readonly kind: 'already-there' }
  | { readonly kind: 'skipped'; readonly row: SkippedRow }

export function count(report: Report, outcome: RowOutcome): void {
  report.rows += 1
  switch (outcome.kind) {
    case 'imported':
      report.taken += 1
      report.created.tickets += outcome.created.tickets
      report.created.users += outcome.created.users
      report.created.departments += outcome.created.departments
      break
    case 'already-there':
      report.alreadyThere += 1
      break
    case 'skipped':
      report.skipped += 1
      if (report.skippedRows.length < SKIPPED_SHOWN) report.skippedRows.push(outcome.row)
  }
}

export function reportText(report: Report): string {
  const { rows, taken, alreadyThere, skipped, skippedRows, created, ms } = report
  const unseen = skipped - skippedRows.length
  const lines = [
    ...(report.dryRun ? ['Dry run: nothing was written. The import would do this:'] : []),
    `${counted(rows, 'row')} read from ${report.file} in ${(ms / 1000).toFixed(1)} s`,
    `  imported       ${figure(taken)}`,
    `  already there  ${figure(alreadyThere)}`,
    `  skipped        ${figure(skipped)}`,
    ...skippedRows.map(
      ({ line, field, reason }) => `    line ${line}: ${field === null ? '' : `${field}: `}${oneLine(reason)}`,
    ),
    ...(unseen > 0 ? [`    and ${figure(unseen)} more`] : []),
    `  new            ${counted(created.tickets, 'ticket')}, ${counted(created.users, 'user')}, ${counted(created.departments, 'department')}`,
    ...(report.sla === null ? [] : comparisonLines(report.sla)),
  ]
  return `${lines.join('\n')}\n`
}

function counted(amount: number, noun: string): string {
  return `${figure(amount)} ${noun}${amount === 1 ? '' : 's'}`
}

function figure(amount: number): string {
  return amount.toLocaleString('en')
}
