/** The database as it is on disk, read past the program: through a handle of its own, or byte by byte. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DATABASE_FILE } from '@rejoin/server/core/db.ts'

export type Row = Record<string, unknown>

/** What is committed, at this moment. */
export function rowsOnDisk(dataDir: string, query: string): Row[] {
  using db = new DatabaseSync(join(dataDir, DATABASE_FILE), { readOnly: true })
  return db.prepare(query).all()
}

/** Every row of every table, but those `without`. */
export function dump(dataDir: string, { without = [] }: { without?: readonly string[] } = {}): Record<string, Row[]> {
  using db = new DatabaseSync(join(dataDir, DATABASE_FILE), { readOnly: true })
  const tables = db.prepare(`select name from sqlite_schema where type = 'table' order by name`).all()
  const names = tables.map(({ name }) => String(name)).filter((name) => !without.includes(name))
  return Object.fromEntries(names.map((name) => [name, db.prepare(`select * from "${name}"`).all()]))
}

const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24

/** How many transactions the write-ahead log holds: with `synchronous=FULL` each of them was one fsync of the log. */
export function transactionsInLog(dataDir: string): number {
  const log = readFileSync(join(dataDir, `${DATABASE_FILE}-wal`))
  const frameBytes = FRAME_HEADER_BYTES + log.readUInt32BE(8)
  const salt = log.subarray(16, 24)
  let transactions = 0
  for (let at = HEADER_BYTES; at + frameBytes <= log.length; at += frameBytes) {
    // Frames of an earlier round of the log have another salt; the last frame of a transaction names the file's size.
    if (!log.subarray(at + 8, at + 16).equals(salt)) break
    if (log.readUInt32BE(at + 4) !== 0) transactions += 1
  }
  return transactions
}
