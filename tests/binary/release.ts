/** The archive of a release, built once in a test run: by the first test file that asks. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { BUNDLES } from '../harness/program/program.ts'

const BUILD = resolve(import.meta.dirname, '../../server/build/main.ts')
const LONGEST_MS = 170_000

export function archiveOfRun(): string {
  const folder = join(process.env[BUNDLES] ?? mkdtempSync(join(tmpdir(), 'rejoin-release-')), 'release')
  const [built, failed] = [join(folder, 'built'), join(folder, 'failed')]
  if (isFirst(folder)) build(folder, { built, failed })
  else waitFor(() => existsSync(built) || existsSync(failed))
  const archive = readdirSync(folder).find((name) => name.endsWith('.tar.gz'))
  if (archive === undefined || existsSync(failed)) throw new Error('the release could not be built')
  return join(folder, archive)
}

function build(folder: string, { built, failed }: { built: string; failed: string }): void {
  try {
    execFileSync(process.execPath, [BUILD, '--out', folder], { stdio: ['ignore', 'ignore', 'inherit'] })
    writeFileSync(built, '')
  } catch (error) {
    writeFileSync(failed, '')
    throw error
  }
}

/** Test files run in processes of their own, so the file system decides. */
function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function waitFor(isDone: () => boolean): void {
  const never = new Int32Array(new SharedArrayBuffer(4))
  for (let waited = 0; waited < LONGEST_MS && !isDone(); waited += 100) Atomics.wait(never, 0, 0, 100)
}
