/** Before a newer program changes the schema of a database: checks that it can, and makes a backup. */
import { statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal } from '@rejoin/shared/errors.ts'
import { DATABASE_FILE } from '../../core/storage/sqlite.ts'
import { pendingMigrations } from '../../core/storage/pending.ts'
import type { Log } from '../../core/runtime/log.ts'
import { readVersion } from '../version.ts'
import type { Backup } from './make.ts'

/** Room for the copy, its archive, and the rows that a step may rewrite, as a multiple of the database. */
const ROOM = 3

interface DataFolders {
  readonly dataDir: string
  readonly backup: { readonly folder: string; readonly recipient: string | null }
}

export interface Upgrade {
  /** The migrations that are about to run. */
  readonly steps: readonly string[]
  readonly backup: Backup
}

/** Like `backUpBeforeUpgrade`, and logs the upgrade. */
export async function upgradeWithBackup(folders: DataFolders, log: Log, now: number): Promise<void> {
  const upgrade = await backUpBeforeUpgrade(folders, { now, version: readVersion().version })
  if (upgrade !== null) log.info({ steps: upgrade.steps, backup: upgrade.backup.file }, 'upgrading the database')
}

/**
 * Null if there is nothing to upgrade. Throws `Refusal`, with the database unchanged, if there is no room, the database
 * is damaged, or no backup can be made.
 */
async function backUpBeforeUpgrade(
  { dataDir, backup: { folder, recipient } }: DataFolders,
  { now, version }: { now: number; version: string },
): Promise<Upgrade | null> {
  const file = join(dataDir, DATABASE_FILE)
  const steps = pendingMigrations(file)
  if (steps.length === 0) return null
  mustHaveRoom(dataDir, ROOM * statSync(file).size)
  const key = recipient === null ? null : { publicKey: recipient }
  // A server that upgrades nothing need not load the code that packs and encrypts.
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
