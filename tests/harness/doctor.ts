/** `rejoin doctor --json`, run as a program on a data directory. */
import { execFile } from 'node:child_process'
import { ENVIRONMENT, MAIN } from './program/program.ts'

export interface Findings {
  readonly code: number
  readonly report: {
    ok: boolean
    audit: { rows: number; head: { number: number; hash: string }; problem: string | null }
    recoveries: { offered: number; recovered: number; parked: number; refused: number; known: number }[]
  }
}

export function doctor(dataDir: string, args: readonly string[] = []): Promise<Findings> {
  const env = { ...ENVIRONMENT, REJOIN_DATA_DIR: dataDir }
  return new Promise((done) => {
    execFile(process.execPath, [MAIN, 'doctor', '--json', ...args], { env }, (error, stdout) => {
      done({ code: Number(error?.code ?? 0), report: JSON.parse(stdout) as Findings['report'] })
    })
  })
}
