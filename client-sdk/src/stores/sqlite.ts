/**
 * A store in one SQLite file, for Node. It holds the file exclusively, so that two processes cannot be one device, and
 * makes every write durable before it resolves. Nothing that runs in a browser imports this file.
 */
import { closeSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { decode, encode } from 'cborg'
import { Refusal } from '@rejoin/shared/errors.ts'
import type { Store, StoreWrite } from './store.ts'

/** `RJON`: marks the file as a device's store. */
const APPLICATION_ID = 0x524a4f4e
const FORMAT = 1
const OWNER_ONLY = 0o600
const SQLITE_BUSY = 5
const SQLITE_CORRUPT = 11
const SQLITE_NOTADB = 26

/**
 * The store in the file at `path`, created with mode 0600 where there is none. Its `load` throws `Refusal('conflict')`
 * while another process has it open, and `Refusal('invalid')` for a file that is damaged or not a device's store.
 */
export function sqliteStore(path: string): Store {
  let database: DatabaseSync | null = null
  let own: string | null = null

  return {
    load() {
      database ??= openFile(path)
      own = idOf(path)
      const rows = database.prepare('select key, value from record').all()
      return new Map(rows.map((row) => [String(row['key']), decode(row['value'] as Uint8Array) as unknown]))
    },
    write(write) {
      if (database === null) throw new Refusal('unavailable', 'This store is closed.')
      if (idOf(path) !== own) {
        database = putBack(database, path)
        own = idOf(path)
      }
      writeAll(database, write)
    },
    close() {
      database?.close()
      database = null
    },
  }
}

function idOf(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found === undefined ? null : `${found.dev}:${found.ino}`
}

/**
 * Writes the whole store to `path` again after its file was removed or moved: nobody would find later writes to that
 * file. Throws `Refusal('conflict')` where there is another file.
 */
function putBack(database: DatabaseSync, path: string): DatabaseSync {
  if (idOf(path) !== null) {
    throw new Refusal('conflict', `Another file has replaced ${path}.`, 'Move that file away and try again.')
  }
  const copy = `${path}.new`
  rmSync(copy, { force: true })
  closeSync(openSync(copy, 'a', OWNER_ONLY))
  database.prepare('vacuum into ?').run(copy)
  database.close()
  // SQLite would replay a log that is left here into the copy.
  for (const end of ['-wal', '-shm']) rmSync(path + end, { force: true })
  renameSync(copy, path)
  return openFile(path)
}

function writeAll(database: DatabaseSync, write: StoreWrite): void {
  const put = database.prepare(
    'insert into record (key, value) values (?, ?) on conflict do update set value = excluded.value',
  )
  const remove = database.prepare('delete from record where key = ?')
  database.exec('begin immediate')
  try {
    for (const [key, value] of write.put) put.run(key, encode(value, { ignoreUndefinedProperties: true }))
    for (const key of write.delete) remove.run(key)
    database.exec('commit')
  } catch (error) {
    if (database.isTransaction) database.exec('rollback')
    throw error
  }
}

function openFile(path: string): DatabaseSync {
  // SQLite would create it readable for others.
  closeSync(openSync(path, 'a', OWNER_ONLY))
  const database = new DatabaseSync(path)
  try {
    prepare(database, path)
    return database
  } catch (error) {
    database.close()
    throw explain(error, path)
  }
}

function prepare(database: DatabaseSync, path: string): void {
  database.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full')
  const isNew = numberOf(database, 'select count(*) from sqlite_schema') === 0
  const applicationId = numberOf(database, 'pragma application_id')
  if (applicationId !== APPLICATION_ID && !(isNew && applicationId === 0)) {
    throw new Refusal('invalid', `${path} is a database of another program.`, 'Name another file for this device.')
  }
  if (isNew) {
    database.exec(`
      begin immediate;
      create table record (key text primary key, value blob not null) strict, without rowid;
      pragma application_id = ${APPLICATION_ID};
      pragma user_version = ${FORMAT};
      commit`)
  }
  if (numberOf(database, 'pragma user_version') > FORMAT) {
    throw new Refusal('invalid', `${path} was written by a newer version of this app.`, 'Update the app.')
  }
  const check = database.prepare('pragma quick_check').get()?.['quick_check']
  if (check !== 'ok') throw damaged(path)
}

function numberOf(database: DatabaseSync, sql: string): number {
  return Number(Object.values(database.prepare(sql).get() ?? {})[0])
}

function explain(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('errcode' in error)) return error
  // The low byte is the primary code; the rest of the number tells variants apart.
  const code = Number(error.errcode) & 0xff
  if (code === SQLITE_BUSY) {
    return new Refusal('conflict', `${path} is open in another process.`, 'A store belongs to one running device.')
  }
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB ? damaged(path) : error
}

function damaged(path: string): Refusal {
  return new Refusal(
    'invalid',
    `${path} is damaged or is not a device's store.`,
    'Keep the file for support, and name another file for this device.',
  )
}
