/** The end of the program at a bug that nobody caught: a report in the data directory, and an exit at once. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from './log.ts'
import { printError } from './terminal.ts'

export const CRASH_REPORT = /^crash-\d{8}T\d{6}Z\.json$/

interface Program {
  readonly dataDir: string
  readonly version: string
  readonly log: Log
  now(): number
}

/**
 * Ends the process with `exitCode` at the first uncaught error: its memory cannot be trusted any more, and everything
 * acknowledged is on disk. An unhandled rejection counts as one.
 */
export function endAtCrash(program: Program, exitCode: number): void {
  process.on('uncaughtException', (error, origin) => {
    try {
      const file = leaveReport(program, error, origin)
      program.log.fatal({ err: error, report: file }, 'crashed')
      printError(`Rejoin has met a bug and stopped. Nothing acknowledged is lost. A report is in ${file}.\n`)
    } catch (unwritten) {
      program.log.fatal({ err: error, unwritten }, 'crashed, and no report could be written')
      printError(`Rejoin has met a bug and stopped, and could not write a report: ${String(unwritten)}\n`)
    } finally {
      process.exit(exitCode)
    }
  })
}

function leaveReport({ dataDir, version, now }: Program, error: unknown, origin: string): string {
  const at = new Date(now()).toISOString()
  const file = join(dataDir, `crash-${at.replace(/[-:]|\.\d+/g, '')}.json`)
  const { node } = process.versions
  const { platform, arch } = process
  const machine = { node, platform, arch, uptimeS: Math.round(process.uptime()), memory: process.memoryUsage() }
  const report = { at, version, origin, error: described(error), ...machine }
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`, { mode: 0o600 })
  return file
}

function described(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) }
  const { name, message, stack, cause } = error
  return { name, message, stack, ...(cause !== undefined && { cause: described(cause) }) }
}
