/** The lock on a data directory: only one process at a time has it, so that two servers never write one database. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal } from '@rejoin/shared/errors.ts'
import { forgetHolder, holderOf, noteHolder } from './lock-holder.ts'
import { cannotUse, takeFile } from './sqlite.ts'

export const LOCK_FILE = 'rejoin.lock'

export interface Lock {
  release(): void
}

/**
 * Takes the data directory for this process until it ends, even by a crash: the operating system holds the lock. Throws
 * `Refusal` if another process has it.
 */
export function lockDataDir(dataDir: string): Lock {
  const lock = takeLock(dataDir)
  if (lock === null) {
    throw new Refusal(
      'unavailable',
      `The data directory ${dataDir} is in use by ${holderOf(dataDir)}.`,
      'Stop that process first, or name another directory in REJOIN_DATA_DIR.',
    )
  }
  try {
    noteHolder(dataDir)
  } catch (error) {
    lock.close()
    throw cannotUse(dataDir, error)
  }
  return {
    release() {
      forgetHolder(dataDir)
      lock.close()
    },
  }
}

function takeLock(dataDir: string): ReturnType<typeof takeFile> {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    return takeFile(join(dataDir, LOCK_FILE))
  } catch (error) {
    throw error instanceof Refusal ? error : cannotUse(dataDir, error)
  }
}
