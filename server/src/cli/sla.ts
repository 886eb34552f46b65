/** The commands `rejoin sla …` that look at the data directory. */
import type { Config } from '../config.ts'
import { systemClock } from '../core/clock.ts'
import { openReadOnly } from '../core/db.ts'
import { driftLines, explainNumber, mendDrifting } from '../sla/operator.ts'
import { print } from '../core/terminal.ts'
import { withApp } from './with-app.ts'

/** Prints why the clocks of a ticket say what they say, also beside a running server. */
export async function explainSla(config: Config, number: string, { json = false }: { json?: boolean }): Promise<void> {
  const db = await openReadOnly(config.dataDir)
  try {
    print(await explainNumber(db.reader, number, { now: systemClock(), json }))
  } finally {
    db.close()
  }
}

/** Lists what of the stored clocks does not follow from the log, and mends it unless it is a dry run. Returns whether all is well. */
export async function recomputeSla(config: Config, { dryRun = false }: { dryRun?: boolean }): Promise<boolean> {
  if (!dryRun) return mendAll(config)
  const db = await openReadOnly(config.dataDir)
  try {
    return (await list(db.reader, systemClock)).size === 0
  } finally {
    db.close()
  }
}

async function mendAll(config: Config): Promise<boolean> {
  return withApp({ ...config, logLevel: 'warn' }, async (app) => {
    const drifting = await list(app.read, () => app.now())
    await mendDrifting(app.commits, [...drifting])
    print(`${drifting.size} tickets mended\n`)
    return true
  })
}

async function list(read: Parameters<typeof driftLines>[0], now: () => number): Promise<Set<string>> {
  const drifting = new Set<string>()
  for await (const { ticketId, field, stored, computed } of driftLines(read, now)) {
    drifting.add(ticketId)
    print(`${ticketId}  ${field}: stored ${String(stored)}, by the log ${String(computed)}\n`)
  }
  return drifting
}
