/**
 * A dry run is a real import into a throwaway copy of the database, so its report is exactly that of an import. The
 * data directory itself is only read.
 */
import { constants, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../operations/config/config.ts'
import { DATABASE_FILE } from '../../core/storage/sqlite.ts'
import { lockDataDir } from '../../core/storage/data-lock.ts'
import { KEY_FILE } from '../../core/secrets.ts'

/** The database with the commits that are not in the file yet, and the key of its secrets. */
const FILES = [DATABASE_FILE, `${DATABASE_FILE}-wal`, KEY_FILE]

/**
 * The configuration with a copy in place of the data directory. Throws `Refusal` while a server runs on that directory.
 */
export function throwawayCopy(config: Config): Disposable & { readonly config: Config } {
  const dataDir = mkdtempSync(join(tmpdir(), 'rejoin-dry-run-'))
  const remove = () => rmSync(dataDir, { recursive: true })
  try {
    copyDatabase(config.dataDir, dataDir)
  } catch (error) {
    remove()
    throw error
  }
  return { config: { ...config, dataDir }, [Symbol.dispose]: remove }
}

function copyDatabase(from: string, to: string): void {
  const lock = lockDataDir(from)
  try {
    for (const name of FILES) {
      const source = join(from, name)
      if (existsSync(source)) copyFileSync(source, join(to, name), constants.COPYFILE_FICLONE)
    }
  } finally {
    lock.release()
  }
}
