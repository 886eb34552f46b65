/** `rejoin doctor --json`, run on a data directory. */
import { rejoin } from './rejoin.ts'

export interface Findings {
  readonly code: number
  readonly report: {
    ok: boolean
    audit: { rows: number; head: { number: number; hash: string }; problem: string | null }
    recoveries: { offered: number; recovered: number; parked: number; refused: number; known: number }[]
  }
}

export async function doctor(dataDir: string, args: readonly string[] = []): Promise<Findings> {
  const { code, out } = await rejoin(['doctor', '--json', ...args], { env: { REJOIN_DATA_DIR: dataDir } })
  return { code, report: JSON.parse(out) as Findings['report'] }
}
