/**
 * Hands the rows of a log to the write path, a window of them at a time in the order of the file. An invalid row is
 * named and left out; a failure of the storage ends the import, and the rows stored by then stay.
 */
import { Refusal } from '@rejoin/shared/errors.ts'
import type { App } from '../../app.ts'
import type { Read } from '../../core/storage/db.ts'
import { SYSTEM_ID } from '../../core/ids.ts'
import { derivedId } from './ids.ts'
import { IncidentRow, withDates } from './incident-row.ts'
import { importUpdate } from './incident-update.ts'
import type { LogFile, LogRow } from './log-file.ts'
import { compareVerdicts, noteVerdict, type Verdicts } from './verdicts.ts'
import { count, type Report, type RowOutcome } from './report.ts'
import type { DateOrder } from './written-time.ts'

interface ReadRow {
  readonly line: number
  /** The id of the command, the same in every run. */
  readonly commandId: string
  readonly effectiveAt: number
  readonly cells: Readonly<Record<string, string>>
}

interface ImportOptions {
  readonly report: Report
  /** Which of the first two numbers of its dates is the day; without it, the log's usual order. */
  readonly dates?: DateOrder | undefined
  /** Called with the bytes read so far. */
  readonly progress: (bytesRead: number) => void
}

/** Imports a whole log. Throws `Refusal` if it has to stop. */
export async function importLog(app: App, log: LogFile, { report, dates, progress }: ImportOptions): Promise<void> {
  const verdicts: Verdicts = new Map()
  for await (const rows of log.windows) {
    for (const { cells } of rows) if (typeof cells !== 'string') noteVerdict(verdicts, cells)
    for (const outcome of await importRows(app, rows, dates)) count(report, outcome)
    progress(log.bytesRead())
  }
  report.sla = await compareVerdicts(app.read, verdicts)
}

/** The rows are queued in their order, which the write path keeps; all are on disk when this resolves. */
async function importRows(app: App, rows: readonly LogRow[], dates: DateOrder | undefined): Promise<RowOutcome[]> {
  const read = rows.map((row) => readRow(row, dates))
  const ids = read.flatMap((row) => ('commandId' in row ? [row.commandId] : []))
  const earlier = await earlierVerdicts(app.read, ids)
  return Promise.all(
    read.map(async (row) => {
      if (!('commandId' in row)) return row
      const known = earlier.get(row.commandId)
      if (known !== undefined) return known === null ? { kind: 'already-there' } : skipped(row.line, null, known)
      earlier.set(row.commandId, null)
      return await importRow(app, row)
    }),
  )
}

function readRow({ line, cells: written }: LogRow, dates: DateOrder | undefined): ReadRow | RowOutcome {
  if (typeof written === 'string') return skipped(line, null, written)
  const dated = dates === undefined ? { cells: written } : withDates(written, dates)
  if ('reason' in dated) return skipped(line, dated.field, dated.reason)
  const { cells } = dated
  const parsed = IncidentRow.safeParse(cells)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return skipped(line, issue?.path.join('.') ?? null, issue?.message ?? 'is not valid')
  }
  const { number, change, at } = parsed.data
  return { line, cells, effectiveAt: at, commandId: derivedId('update', number, String(change), String(at)) }
}

/** The results of the rows in earlier runs: the reason for a refused row, null for an imported one. */
async function earlierVerdicts(read: Read, ids: readonly string[]): Promise<Map<string, string | null>> {
  const receipts = await read
    .selectFrom('receipt')
    .select(['id', 'outcome', 'message'])
    .where('id', 'in', ids)
    .execute()
  const isImported = (outcome: string) => outcome === 'applied' || outcome === 'adjusted'
  return new Map(receipts.map(({ id, outcome, message }) => [id, isImported(outcome) ? null : (message ?? outcome)]))
}

async function importRow({ commits }: App, row: ReadRow): Promise<RowOutcome> {
  const { commandId: id, effectiveAt, cells, line } = row
  try {
    const { output } = await commits.commitOrThrow(importUpdate, cells, { actorId: SYSTEM_ID, id, effectiveAt })
    return { kind: 'imported', created: output }
  } catch (error) {
    // A row that the command refuses is named and left out; one that could not be stored ends the import.
    if (!(error instanceof Refusal) || error.code === 'unavailable') throw error
    return skipped(line, null, error.message)
  }
}

function skipped(line: number, field: string | null, reason: string): RowOutcome {
  return { kind: 'skipped', row: { line, field, reason } }
}
