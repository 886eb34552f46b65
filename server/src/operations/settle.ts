/**
 * The work of each start, before anything is served: unfinished work of the previous run, and data that this version
 * stores in another way.
 */
import type { Commits } from '../core/commit/commit.ts'
import type { Documents } from '../core/documents/documents.ts'
import { SYSTEM_ID } from '../core/ids.ts'
import type { Log } from '../core/runtime/log.ts'
import type { Steadiness } from '../core/runtime/steadiness.ts'
import { start } from '../core/start.ts'
import type { Database } from '../core/storage/db.ts'
import { sealSecrets } from '../slices/accounts/mfa/sealing.ts'
import { catchUpWithEngine } from '../slices/sla/clocks/engine.ts'
import { adoptAll } from '../slices/sla/clocks/recompute.ts'
import { showStale } from '../slices/tickets/stale.ts'
import type { AfterJumps } from './clock/after-jumps.ts'

interface Ports {
  readonly db: Database
  readonly commits: Commits
  readonly documents: Documents
  readonly log: Log
  readonly steadiness: Steadiness
  readonly afterJumps: AfterJumps
}

/** `sends`: the kinds of messages that are delivered from now on. */
export async function settle(
  { db, commits, documents, log, steadiness, afterJumps }: Ports,
  sends: readonly string[],
): Promise<{ epoch: string }> {
  const ports = { read: db.reader, commits }
  const as = { actorId: SYSTEM_ID }
  const { output } = await commits.commitOrThrow(start, { clientId: documents.clientId, sends }, as)
  // Before the SLA clocks are checked: they would be computed with the times of a wrong clock.
  await afterJumps.begin(steadiness)
  const unsealed = await commits.commitOrThrow(sealSecrets, undefined, as)
  if (unsealed.output > 0) db.scrub()
  await adoptAll(ports)
  const mended = await catchUpWithEngine(ports)
  if (mended > 0) log.info({ tickets: mended }, 'recomputing SLA clocks of an earlier engine')
  await showStale(ports)
  return output
}
