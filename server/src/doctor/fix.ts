/** What `rejoin doctor --fix` does: only what loses nothing. */
import { chmodSync, rmSync } from 'node:fs'
import { openApp } from '../app.ts'
import type { Config } from '../config.ts'
import { createLog } from '../core/log.ts'
import { rebuild } from './derived.ts'
import type { Finding } from './finding.ts'

/** Returns how many findings something was done about. Throws `Refusal` where a server runs that would have to stop. */
export async function fixAll(config: Config, findings: readonly Finding[]): Promise<number> {
  const fixes = findings.flatMap(({ fix }) => fix ?? [])
  for (const fix of fixes) {
    if (fix.kind === 'close-to-others') chmodSync(fix.path, fix.mode)
    else if (fix.kind === 'remove') rmSync(fix.path, { recursive: true, force: true })
    else await rebuildTickets(config, fix.ticketIds)
  }
  return fixes.length
}

async function rebuildTickets(config: Config, ticketIds: readonly string[]): Promise<void> {
  const app = await openApp(config, { log: createLog(config.logLevel, process.stderr) })
  try {
    await rebuild(app.commits, ticketIds)
  } finally {
    await app.close()
  }
}
