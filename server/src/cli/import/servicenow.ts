/** `rejoin import servicenow`: imports the update log of another system's incidents as history, with its own times. */
import { Refusal } from '@rejoin/shared/errors.ts'
import { openApp } from '../../app.ts'
import type { Config } from '../../operations/config/config.ts'
import { existingDatabase } from '../../core/storage/db.ts'
import { createLog } from '../../core/runtime/log.ts'
import { withProgress } from '../../core/runtime/progress.ts'
import { standardError } from '../../core/runtime/standard-output.ts'
import { throwawayCopy } from './dry-run.ts'
import { openLog, type LogFile } from './log-file.ts'
import { emptyReport, reportText, type Report } from './report.ts'
import { importLog } from './import-log.ts'
import { printError, print } from '../../core/runtime/terminal.ts'
import type { DateOrder } from './written-time.ts'

export interface ImportOptions {
  /** The encoding of the file, by a label of the Encoding Standard. */
  readonly encoding?: string
  readonly dates?: DateOrder
  readonly dryRun?: boolean
  readonly json?: boolean
}

/**
 * Imports a log and prints the report. Throws `Refusal`: before anything is written if the file is no incident log or a
 * server runs on the data directory; after the report if the import had to stop.
 */
export async function importServicenow(
  config: Config,
  path: string,
  { dryRun = false, json = false, encoding, dates }: ImportOptions,
): Promise<void> {
  using log = await openLog(path, encoding)
  existingDatabase(config.dataDir)
  using copy = dryRun ? throwawayCopy(config) : null
  const report = emptyReport(path, dryRun)
  const stopped = await fillReport(copy?.config ?? config, log, { report, dates, showProgress: !json, isCopy: dryRun })
  print(json ? `${JSON.stringify(report)}\n` : reportText(report))
  if (stopped !== null) {
    if (!json) throw stopped
    // The report contains this as well, and is the only object on standard output.
    printError(`${stopped.message}${stopped.hint === undefined ? '' : ` ${stopped.hint}`}\n`)
    process.exitCode = 1
  }
  if (report.taken + report.alreadyThere === 0) process.exitCode = 1
}

/** Returns why the import stopped before the end of the log, or null. */
async function fillReport(
  config: Config,
  log: LogFile,
  {
    report,
    dates,
    showProgress,
    isCopy,
  }: { report: Report; dates: DateOrder | undefined; showProgress: boolean; isCopy: boolean },
): Promise<Refusal | null> {
  // Standard output is for the report alone.
  const app = await openApp(config, { log: createLog(config.logLevel, standardError), isCopy })
  const startedAt = app.now()
  try {
    const take = (progress: (done: number, total: number) => void) =>
      importLog(app, log, { report, dates, progress: (bytesRead) => progress(bytesRead, log.bytes) })
    await (showProgress ? withProgress(take) : take(() => undefined))
    return null
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    report.stopped = error.message
    return error
  } finally {
    await app.close()
    report.ms = app.now() - startedAt
  }
}
