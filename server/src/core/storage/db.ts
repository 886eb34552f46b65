/**
 * The database: one writing handle and one read-only handle on one SQLite file.
 *
 * 1. Every commit reaches the disk before it returns (`synchronous=FULL` under WAL; the driver's default is NORMAL).
 * 2. Reads use their own handle, see only committed data, and never wait behind the writer.
 * 3. A function that takes `Read` cannot write: the type has no way to. A `Tx` exists only inside `commit`.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Kysely, SqliteDialect } from 'kysely'
import { Refusal } from '@rejoin/shared/errors.ts'
import { assertKnownMigrations, assertMigrated, migrate } from './migrate.ts'
import { watchFiles, type DatabaseFiles } from './database-files.ts'
import { DATABASE_FILE, isStorageFailure, openFile, unusable, withStatementCache, type File } from './sqlite.ts'
import type { Watch } from './watched-statements.ts'

/** Every table by name. The machine declares its own here; each slice adds its own in its `tables.ts`. */
export interface Tables {
  meta: { key: string; value: string }
}

/** Every kind of message in the outbox, with its payload. Each slice adds its own in its `tables.ts`. */
// oxlint-disable-next-line typescript/no-empty-interface -- slices declare its members
export interface Messages {}

export type Read = Pick<Kysely<Tables>, 'selectFrom' | 'with' | 'withRecursive' | 'fn'> &
  Pick<Statements, 'rows' | 'passedOver'>

declare const insideCommit: unique symbol
export type Tx = Kysely<Tables> & Statements & { readonly [insideCommit]: true }

/** For `prepared.ts` and the commit loop: plain SQL, answered synchronously. */
interface Statements {
  rows<Row>(sql: string, parameters: readonly unknown[]): Row[]
  run(sql: string, parameters?: readonly unknown[]): void
  /** Tells the operator of a damaged row: see `stored-json.ts`. */
  passedOver(what: string, error: unknown): void
}

export interface Database {
  /** Only `commit` writes with it. */
  readonly writer: Tx
  readonly reader: Read
  /** Rewrites the file, so that nothing of removed or overwritten content is left in it. Between commits only. */
  scrub(): void
  /** Why nothing can be written, in a sentence: the file was moved or removed. Null while it is in its place. */
  misplaced(): string | null
  /** Resolves with the file that holds everything, if the database file had been moved or removed, else with null. */
  close(): Promise<string | null>
}

/** Opens the database in `dataDir`, creating and migrating it. Throws `Refusal` if it cannot be used as it is. */
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
  const files = watchFiles(file)
  return {
    writer: writer as unknown as Tx,
    reader,
    scrub() {
      // Memory may not hold a second database.
      writable.exec('pragma temp_store = FILE; vacuum; pragma temp_store = MEMORY')
      writable.pragma('wal_checkpoint(TRUNCATE)')
    },
    misplaced: files.problem,
    close: closing(files, {
      copyTo: (copy) => void writable.prepare('vacuum into ?').run(copy),
      // Kysely closes a handle only if it has used it; the log is folded into the file when the writer goes last.
      async closeAll() {
        await reader.destroy()
        readable.close()
        await writer.destroy()
      },
    }),
  }
}

interface Ends {
  copyTo(copy: string): void
  closeAll(): Promise<void>
}

function closing(files: DatabaseFiles, { copyTo, closeAll }: Ends): Database['close'] {
  let isClosed = false
  return async () => {
    if (isClosed) return null
    isClosed = true
    const isInPlace = files.problem() === null
    const rescued = isInPlace ? null : await files.rescue(copyTo, closeAll)
    if (isInPlace) await closeAll()
    files.end()
    return rescued
  }
}

/**
 * Opens the database in `dataDir` for reading, as it is. Throws `Refusal` if there is none, or it has another schema.
 */
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

/** The database file of a data directory. Throws `Refusal` if there is none: only `serve` and `init` make one. */
export function existingDatabase(dataDir: string): string {
  const file = join(dataDir, DATABASE_FILE)
  if (existsSync(file)) return file
  throw new Refusal(
    'unavailable',
    `There is no database ${file}.`,
    'Name its folder with --data-dir or REJOIN_DATA_DIR. "rejoin init" makes a new one.',
  )
}

/** Opens a database file by itself, read-only and of any schema, while `use` runs. */
export function withFile<Result>(file: string, use: (statements: Statements) => Result): Result {
  const db = openFile(file, { readonly: true })
  try {
    return use(statementsOf(withStatementCache(db)))
  } finally {
    db.close()
  }
}

function readerOf(db: File, watch?: Watch) {
  return kysely(db, watch && { ...watch, failed: unreadable(watch) })
}

/** A query that meets unreadable pages is refused; the rest of the database is answered as usual. */
function unreadable(watch: Watch): Watch['failed'] {
  return (error) => {
    watch.failed(error)
    if (!isStorageFailure(error)) return
    const message = 'The server cannot read this: part of its database file is unreadable.'
    throw new Refusal('unavailable', message, 'The operator finds the cause in the log and with "rejoin doctor".')
  }
}

function kysely(db: File, watch?: Watch): Kysely<Tables> & Statements {
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
