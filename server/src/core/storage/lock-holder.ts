/**
 * The holder of the data directory: a note beside the lock, for people only; the lock itself is the operating system's.
 */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

const FILE = 'rejoin.lock.json'
const Holder = z.object({ pid: z.int(), host: z.string() })

/** Notes that this process has the data directory. */
export function noteHolder(dataDir: string): void {
  const holder: z.output<typeof Holder> = { pid: process.pid, host: hostname() }
  writeFileSync(join(dataDir, FILE), `${JSON.stringify(holder)}\n`, { mode: 0o600 })
}

export function forgetHolder(dataDir: string): void {
  rmSync(join(dataDir, FILE), { force: true })
}

/** The process that has the data directory, for a sentence. */
export function holderOf(dataDir: string): string {
  try {
    const file = join(dataDir, FILE)
    const { pid, host } = Holder.parse(JSON.parse(readFileSync(file, 'utf8')))
    return `process ${pid} on ${host}, since ${statSync(file).mtime.toISOString()}`
  } catch {
    // That process has just begun or just ended, or its version leaves no note.
    return 'another Rejoin process'
  }
}
