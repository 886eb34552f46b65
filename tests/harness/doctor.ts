/** `rejoin doctor --json`, run as a program on a data directory. */
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const MAIN = resolve(import.meta.dirname, '../../server/src/main.ts')
/** Compiling the program takes most of the time of a start. */
const CACHE = join(tmpdir(), 'rejoin-compiled')

export interface Findings {
  readonly code: number
  readonly report: {
    ok: boolean
    audit: { rows: number; head: { number: number; hash: string }; problem: string | null }
    recoveries: { offered: number; recovered: number; parked: number; refused: number; known: number }[]
  }
}

export function doctor(dataDir: string, args: readonly string[] = []): Promise<Findings> {
  const env = { PATH: process.env['PATH'], NODE_COMPILE_CACHE: CACHE, REJOIN_DATA_DIR: dataDir }
  return new Promise((done) => {
    execFile(process.execPath, [MAIN, 'doctor', '--json', ...args], { env }, (error, stdout) => {
      done({ code: Number(error?.code ?? 0), report: JSON.parse(stdout) as Findings['report'] })
    })
  })
}
