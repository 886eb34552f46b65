/**
 * The native half of better-sqlite3. The system loads such code only from a file, so the single executable writes it
 * into a folder that only this user can enter, loads it, and removes it again.
 *
 * Threads load the same file, which stays open: a second copy of SQLite in one process would break the locks of the
 * first.
 */
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads'
import { Refusal } from '@rejoin/shared/errors.ts'
import { builtInBytes, isExecutable } from '../runtime/assets.ts'

export const SQLITE_ADDON = 'better-sqlite3.node'

/** The key under which threads find the path of the loaded file. */
const FOR_THREADS = 'rejoin:sqlite-addon'

let loaded: object | undefined

/**
 * The driver's `nativeBinding`; undefined if the driver finds its own. The file is written to the data directory, or
 * else to `TMPDIR`. Throws `Refusal` if neither can be written to and loaded from.
 */
export function sqliteAddon(dataDir: string): object | undefined {
  if (isExecutable)
    loaded ??= isMainThread ? loadThrough([dataDir, tmpdir()]) : load(getEnvironmentData(FOR_THREADS) as string)
  return loaded
}

function loadThrough(folders: readonly string[]): object {
  const reasons: string[] = []
  for (const folder of folders) {
    try {
      return loadFrom(folder)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error
      reasons.push(error.message)
    }
  }
  throw new Refusal(
    'unavailable',
    `SQLite cannot be loaded: ${reasons.join('; ')}.`,
    'Set TMPDIR to a folder where this user may write, on a file system that is not mounted noexec.',
  )
}

function loadFrom(folder: string): object {
  const passage = mkdtempSync(join(folder, '.rejoin-native-'))
  try {
    const file = join(passage, SQLITE_ADDON)
    writeFileSync(file, builtInBytes(SQLITE_ADDON), { mode: 0o500 })
    const module = load(file)
    setEnvironmentData(FOR_THREADS, `/proc/self/fd/${openSync(file, 'r')}`)
    return module
  } finally {
    rmSync(passage, { recursive: true })
  }
}

function load(file: string): object {
  const module = { exports: {} }
  process.dlopen(module, file)
  return module.exports
}
