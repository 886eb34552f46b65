/** Runs this program again beside itself, for work that would keep everybody else waiting here. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { isSea } from 'node:sea'
import { promisify } from 'node:util'

/** The start of the arguments: nothing for the single executable, else the entry file of the command line. */
const ENTRY = isSea() ? [] : [join(import.meta.dirname, '../../main.ts')]

/** Runs a command of the command line in this environment. Resolves with its output; rejects with its error output. */
export async function runBeside(args: readonly string[], signal: AbortSignal): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [...ENTRY, ...args], { signal })
    return stdout
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
    throw said === '' ? error : new Error(said, { cause: error })
  }
}
