/**
 * The driver: opens files, keeps prepared statements, and classifies errors. The only file that knows better-sqlite3.
 */
import { dirname, join } from 'node:path'
import SQLite from 'better-sqlite3'
import type { SqliteDatabase, SqliteStatement } from 'kysely'
import { Refusal } from '@rejoin/shared/errors.ts'
import { sqliteAddon } from './sqlite-addon.ts'
import { timed, type Watch } from './watched-statements.ts'

export type File = SQLite.Database

export const DATABASE_FILE = 'rejoin.db'
const WRITER_CACHE_KIB = 16_000
/** A device that takes its whole scope reads each page once: the operating system caches those. */
const READER_CACHE_KIB = 4000

export function openFile(file: string, { readonly }: { readonly: boolean }): SQLite.Database {
  const driver = driverFor(dirname(file))
  try {
    const db = new SQLite(file, { ...driver, readonly, fileMustExist: readonly, timeout: 5000 })
    if (!readonly) db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('foreign_keys = ON')
    db.pragma(`cache_size = -${readonly ? READER_CACHE_KIB : WRITER_CACHE_KIB}`)
    db.pragma('temp_store = MEMORY')
    return db
  } catch (error) {
    throw isSqliteError(error) ? cannotOpen(file, error) : error
  }
}

/** Locks a file that only one process at a time may have; null if another has it. */
export function takeFile(file: string): { close(): void } | null {
  const lock = new SQLite(file, { ...driverFor(dirname(file)), timeout: 0 })
  try {
    lock.pragma('journal_mode = MEMORY')
    lock.exec('begin exclusive')
    return lock
  } catch (error) {
    lock.close()
    if (isSqliteError(error) && error.code === 'SQLITE_BUSY') return null
    throw error
  }
}

/** The types of the driver do not know yet that it takes the loaded addon, as well as a path to it. */
function driverFor(dataDir: string): Pick<SQLite.Options, 'nativeBinding'> {
  const addon = sqliteAddon(dataDir)
  return addon === undefined ? {} : { nativeBinding: addon as unknown as string }
}

/** Kysely prepares a statement for each query; a small query would spend most of its time there. */
export function withStatementCache(db: SQLite.Database, watch?: Watch): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>()
  return {
    prepare(sql: string): SqliteStatement {
      const known = statements.get(sql)
      if (known !== undefined) return known
      const statement = watch === undefined ? db.prepare(sql) : timed(db.prepare(sql), sql, watch)
      if (statements.size >= 1000) statements.clear()
      statements.set(sql, statement)
      return statement
    },
    close: () => db.close(),
  }
}

/** A failure of the database itself, such as a full disk, as opposed to a bug in a statement. */
export function isStorageFailure(error: unknown): boolean {
  return isSqliteError(error) && /^SQLITE_(FULL|IOERR|BUSY|READONLY|CORRUPT|NOTADB|CANTOPEN|NOMEM)/.test(error.code)
}

/** Whether the file itself is damaged. */
export function isCorrupt(error: unknown): error is Error {
  return isSqliteError(error) && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code)
}

function isSqliteError(error: unknown): error is InstanceType<typeof SQLite.SqliteError> {
  return error instanceof SQLite.SqliteError
}

/** An error of the disk, a permission or a damaged file as a refusal; any other error as it is. */
export function unusable(dataDir: string, error: unknown): unknown {
  if (error instanceof Refusal || !(error instanceof Error && 'code' in error)) return error
  if (isSqliteError(error)) {
    return isStorageFailure(error) ? cannotOpen(join(dataDir, DATABASE_FILE), error) : error
  }
  return /^(ENOSPC|EDQUOT|EACCES|EPERM|EROFS|EIO)$/.test(String(error.code)) ? cannotUse(dataDir, error) : error
}

function cannotOpen(file: string, error: InstanceType<typeof SQLite.SqliteError>): Refusal {
  return new Refusal(
    'unavailable',
    `The database ${file} cannot be opened: ${error.message}.`,
    isCorrupt(error)
      ? 'The file is damaged or not a database. Restore it from a backup.'
      : 'Check that the folder exists, that this user may write there, and that the disk is not full.',
  )
}

/** An error of the file system or SQLite as a refusal; any other error as it is. */
export function cannotUse(dataDir: string, error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error)) return error
  return new Refusal(
    'unavailable',
    `The data directory ${dataDir} cannot be used: ${error.message}.`,
    'Name a folder where this user may write in REJOIN_DATA_DIR.',
  )
}
