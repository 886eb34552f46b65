/** Before a newer program changes the schema of a database: whether it can, and a backup of what was there. */
import { statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal } from '@rejoin/shared/errors.ts'
import { DATABASE_FILE } from '../../core/storage/sqlite.ts'
import { pendingMigrations } from '../../core/storage/pending.ts'
import type { Log } from '../../core/runtime/log.ts'
import { readVersion } from '../version.ts'
import type { Backup } from './make.ts'

/** The copy and the archive of it, and what a step may write anew. */
const ROOM = 3

interface Place {
  readonly dataDir: string
  readonly backup: { readonly folder: string; readonly recipient: string | null }
}

export interface Upgrade {
  /** The steps that are about to be taken. */
  readonly steps: readonly string[]
  readonly backup: Backup
}

/** As `backUpBeforeUpgrade`, and says so in the log. */
export async function upgradeWithBackup(place: Place, log: Log, now: number): Promise<void> {
  const upgrade = await backUpBeforeUpgrade(place, { now, version: readVersion().version })
  if (upgrade !== null) log.info({ steps: upgrade.steps, backup: upgrade.backup.file }, 'upgrading the database')
}

/**
 * Null where there is nothing to upgrade. Throws `Refusal`, with the database as it was, where there is no room, where
 * it is damaged, and where no backup can be made.
 */
async function backUpBeforeUpgrade(
  { dataDir, backup: { folder, recipient } }: Place,
  { now, version }: { now: number; version: string },
): Promise<Upgrade | null> {
  const file = join(dataDir, DATABASE_FILE)
  const steps = pendingMigrations(file)
  if (steps.length === 0) return null
  mustHaveRoom(dataDir, ROOM * statSync(file).size)
  const key = recipient === null ? null : { publicKey: recipient }
  // A server that upgrades nothing need not hold what packs and encrypts.
  const { makeBackup } = await import('./make.ts')
  const backup = await makeBackup({ dataDir, folder, key, now, version })
  return { steps, backup }
}

function mustHaveRoom(dataDir: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(dataDir)
  if (bavail * bsize >= bytes) return
  throw new Refusal(
    'unavailable',
    `The upgrade needs ${bytes.toLocaleString('en')} bytes free in ${dataDir}; free now: ${(bavail * bsize).toLocaleString('en')}.`,
    'Free disk space and start again. Nothing was changed.',
  )
}
