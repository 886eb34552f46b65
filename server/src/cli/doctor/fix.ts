/** The fixes of `rejoin doctor --fix`: only those that lose nothing. */
import { chmodSync, rmSync } from 'node:fs'
import { openApp } from '../../app.ts'
import { makeBackup } from '../../operations/backup/make.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { readVersion } from '../../operations/version.ts'
import type { Config } from '../../operations/config/config.ts'
import { SYSTEM_ID } from '../../core/ids.ts'
import { createLog } from '../../core/runtime/log.ts'
import { standardError } from '../../core/runtime/standard-output.ts'
import { mendTickets } from '../../slices/sla/clocks/recompute.ts'
import { clearAhead } from './times.ts'
import { rebuild } from './derived.ts'
import type { Finding } from './finding.ts'

/** Returns how many findings were acted on. Throws `Refusal` if a running server would have to stop. */
export async function fixAll(config: Config, findings: readonly Finding[]): Promise<number> {
  const fixes = findings.flatMap(({ fix }) => fix ?? [])
  for (const fix of fixes) {
    if (fix.kind === 'close-to-others') chmodSync(fix.path, fix.mode)
    else if (fix.kind === 'remove') rmSync(fix.path, { recursive: true, force: true })
  }
  const ofKind = (kind: 'mend-clocks' | 'rebuild') => {
    const ids = fixes.flatMap((fix) => (fix.kind === kind ? fix.ids : []))
    return [...new Set(ids)]
  }
  const [clocks, documents] = [ofKind('mend-clocks'), ofKind('rebuild')]
  const isAhead = fixes.some(({ kind }) => kind === 'clear-ahead')
  if (isAhead) await backUpFirst(config)
  if (isAhead || clocks.length + documents.length > 0) await rebuildAll(config, { clocks, documents, isAhead })
  return fixes.length
}

/** A backup from before the fixes, in case the clock of the machine is wrong while they run. */
async function backUpFirst({ dataDir, backup: { folder, recipient } }: Config): Promise<void> {
  const key = recipient === null ? null : { publicKey: recipient }
  await makeBackup({ dataDir, folder, key, version: readVersion().version, now: systemClock() })
}

/** One that cannot be rebuilt does not stop the others; the next look finds it again. */
async function rebuildAll(
  config: Config,
  { clocks, documents, isAhead }: { clocks: readonly string[]; documents: readonly string[]; isAhead: boolean },
) {
  const log = createLog(config.logLevel, standardError)
  const app = await openApp(config, { log })
  try {
    const cleared = isAhead ? await app.commits.commitOrThrow(clearAhead, undefined, { actorId: SYSTEM_ID }) : null
    const { ticketIds } = cleared?.output ?? { ticketIds: [] }
    for (const id of new Set([...clocks, ...ticketIds])) {
      const input = { ticketIds: [id] }
      const { message } = await app.commits.commit(mendTickets, input, { actorId: SYSTEM_ID })
      if (message !== undefined) log.error({ ticketId: id, message }, 'cannot repair the SLA clocks of a ticket')
    }
    await rebuild(app.commits, [...new Set([...documents, ...ticketIds])])
  } finally {
    await app.close()
  }
}
