/**
 * The database: one writing handle and one read-only handle on one SQLite file. The only file that knows
 * better-sqlite3.
 *
 * 1. Every commit reaches the disk before it returns (`synchronous=FULL` under WAL; the driver's default is NORMAL).
 * 2. Reads use their own handle, see only what is committed, and never wait behind the writer.
 * 3. A function that takes `Read` cannot write: the type has no way to. A `Tx` exists only inside `commit`.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import SQLite from 'better-sqlite3'
import { Kysely, SqliteDialect, type SqliteStatement } from 'kysely'
import { Refusal } from '@rejoin/shared/errors.ts'
import { forgetHolder, holderOf, noteHolder } from './lock-holder.ts'
import { timed, type Watch } from './watched-statements.ts'
import { assertKnownMigrations, assertMigrated, migrate } from './migrate.ts'
import { placeOf } from './place.ts'
import { sqliteAddon } from './sqlite-addon.ts'

/** Every table by name. The machine declares its own here; each slice adds its own in its `tables.ts`. */
export interface Tables {
  meta: { key: string; value: string }
}

/** Every kind of message for the outside, with what it carries. Each slice adds its own in its `tables.ts`. */
// oxlint-disable-next-line typescript/no-empty-interface -- slices declare its members
export interface Messages {}

export type Read = Pick<Kysely<Tables>, 'selectFrom' | 'with' | 'withRecursive' | 'fn'> &
  Pick<Statements, 'rows' | 'passedOver'>

declare const insideCommit: unique symbol
export type Tx = Kysely<Tables> & Statements & { readonly [insideCommit]: true }

/** For `prepared.ts` and the commit loop: statements as they are, answered at once. */
interface Statements {
  rows<Row>(sql: string, parameters: readonly unknown[]): Row[]
  run(sql: string, parameters?: readonly unknown[]): void
  /** Tells the operator of a row that is damaged: see `stored-json.ts`. */
  passedOver(what: string, error: unknown): void
}

export interface Database {
  /** Only `commit` writes with it. */
  readonly writer: Tx
  readonly reader: Read
  /** Rewrites the file, so that nothing of what was removed or overwritten is left in it. Between commits only. */
  scrub(): void
  /** Why nothing can be written: the file was moved or removed, in a sentence. Null while it is in its place. */
  misplaced(): string | null
  /** Resolves with the file in which all of it is, where that had been moved or removed, else with null. */
  close(): Promise<string | null>
}

export const DATABASE_FILE = 'rejoin.db'
export const LOCK_FILE = 'rejoin.lock'
const WRITER_CACHE_KIB = 16_000
/** Whoever takes a whole scope reads each of its pages once: the operating system keeps those. */
const READER_CACHE_KIB = 4000

/** Opens the database in `dataDir`, creating and migrating it. Throws `Refusal` where it cannot be used as it is. */
export async function openDatabase(dataDir: string, watch?: Watch): Promise<Database> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = join(dataDir, DATABASE_FILE)
  const fresh = !existsSync(file)
  const writable = openFile(file, { readonly: false })
  const writer = kysely(writable, watch)
  try {
    if (!fresh) await assertKnownMigrations(writer)
    await migrate(writer)
  } catch (error) {
    await writer.destroy()
    throw error
  }
  const readable = openFile(file, { readonly: true })
  const reader = readerOf(readable, watch)
  const place = placeOf(file)
  let isClosed = false
  // Kysely closes a handle only if it has used it; the log is folded into the file when the writer goes last.
  const closeAll = async () => {
    await reader.destroy()
    readable.close()
    await writer.destroy()
  }
  return {
    writer: writer as unknown as Tx,
    reader,
    scrub() {
      // In memory there may be no room for a second database.
      writable.exec('pragma temp_store = FILE; vacuum; pragma temp_store = MEMORY')
      writable.pragma('wal_checkpoint(TRUNCATE)')
    },
    misplaced: place.problem,
    async close() {
      if (isClosed) return null
      isClosed = true
      const isInPlace = place.problem() === null
      const copyTo = (copy: string) => void writable.prepare('vacuum into ?').run(copy)
      const rescued = isInPlace ? null : await place.rescue(copyTo, closeAll)
      if (isInPlace) await closeAll()
      place.end()
      return rescued
    },
  }
}

/** Opens the database in `dataDir` for reading, as it is. Throws `Refusal` where there is none of this program's schema. */
export async function openReadOnly(dataDir: string, watch?: Watch): Promise<{ reader: Read; close(): void }> {
  const file = existingDatabase(dataDir)
  const readable = openFile(file, { readonly: true })
  const reader = readerOf(readable, watch)
  try {
    await assertMigrated(reader)
  } catch (error) {
    readable.close()
    throw unusable(dataDir, error)
  }
  return { reader, close: () => void readable.close() }
}

/** The database file of a data directory. Throws `Refusal` where there is none: only `serve` and `init` make one. */
export function existingDatabase(dataDir: string): string {
  const file = join(dataDir, DATABASE_FILE)
  if (existsSync(file)) return file
  throw new Refusal(
    'unavailable',
    `There is no database ${file}.`,
    'Name its folder with --data-dir or REJOIN_DATA_DIR. "rejoin init" makes a new one.',
  )
}

/** A database file by itself, read-only and whatever its schema, for as long as `use` takes. */
export function withFile<Result>(file: string, use: (statements: Statements) => Result): Result {
  const db = openFile(file, { readonly: true })
  try {
    return use(statementsOf(withStatementCache(db)))
  } finally {
    db.close()
  }
}

function openFile(file: string, { readonly }: { readonly: boolean }): SQLite.Database {
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

function readerOf(db: SQLite.Database, watch?: Watch) {
  return kysely(db, watch && { ...watch, failed: unreadable(watch) })
}

/** Whoever asked for what cannot be read is told so: the rest of the database is answered for as ever. */
function unreadable(watch: Watch): Watch['failed'] {
  return (error) => {
    watch.failed(error)
    if (!isStorageFailure(error)) return
    const message = 'The server cannot read this: part of its database file is unreadable.'
    throw new Refusal('unavailable', message, 'The operator finds the cause in the log and with "rejoin doctor".')
  }
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

function kysely(db: SQLite.Database, watch?: Watch): Kysely<Tables> & Statements {
  const cached = withStatementCache(db, watch)
  return Object.assign(
    new Kysely<Tables>({ dialect: new SqliteDialect({ database: cached }) }),
    statementsOf(cached, watch),
  )
}

function statementsOf(cached: ReturnType<typeof withStatementCache>, watch?: Watch): Statements {
  return {
    rows: <Row>(sql: string, parameters: readonly unknown[]) => cached.prepare(sql).all(parameters) as Row[],
    run: (sql, parameters = []) => void cached.prepare(sql).run(parameters),
    passedOver: (what, error) => watch?.passedOver(what, error),
  }
}

/** Kysely prepares a statement for each query; most of the time of a small query would be spent there. */
function withStatementCache(db: SQLite.Database, watch?: Watch) {
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

/**
 * Takes the data directory for this process until it ends, however it ends: the lock is the operating system's.
 * Throws `Refusal` when another process has it.
 */
export function lockDataDir(dataDir: string): { release(): void } {
  const lock = openLock(dataDir)
  try {
    lock.pragma('journal_mode = MEMORY')
    lock.exec('begin exclusive')
  } catch (error) {
    lock.close()
    if (!isSqliteError(error) || error.code !== 'SQLITE_BUSY') throw cannotUse(dataDir, error)
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

function openLock(dataDir: string): SQLite.Database {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    const driver = driverFor(dataDir)
    return new SQLite(join(dataDir, LOCK_FILE), { ...driver, timeout: 0 })
  } catch (error) {
    throw error instanceof Refusal ? error : cannotUse(dataDir, error)
  }
}

/** The types of the driver do not know yet that it takes what was loaded, as well as a path to it. */
function driverFor(dataDir: string): Pick<SQLite.Options, 'nativeBinding'> {
  const addon = sqliteAddon(dataDir)
  return addon === undefined ? {} : { nativeBinding: addon as unknown as string }
}

/** What a disk, a right or a damaged file does not let happen, as a refusal; anything else as it is. */
export function unusable(dataDir: string, error: unknown): unknown {
  if (error instanceof Refusal || !(error instanceof Error && 'code' in error)) return error
  if (isSqliteError(error)) {
    return isStorageFailure(error) ? cannotOpen(join(dataDir, DATABASE_FILE), error) : error
  }
  return /^(ENOSPC|EDQUOT|EACCES|EPERM|EROFS|EIO)$/.test(String(error.code)) ? cannotUse(dataDir, error) : error
}

/** What the file system or SQLite says, as a refusal; anything else as it is. */
function cannotUse(dataDir: string, error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error)) return error
  return new Refusal(
    'unavailable',
    `The data directory ${dataDir} cannot be used: ${error.message}.`,
    'Name a folder where this user may write in REJOIN_DATA_DIR.',
  )
}
