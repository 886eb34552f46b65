/** The database as it is on disk, read past the program: through a handle of its own, or byte by byte. */
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { verdictOf, type Receipt } from '@rejoin/server/core/commit/receipts.ts'
import { DATABASE_FILE } from '@rejoin/server/core/storage/sqlite.ts'
import type { Verdict } from '@rejoin/shared/sync/verdicts.ts'

export type Row = Record<string, unknown>

/** The committed rows, at this moment. */
export function rowsOnDisk(dataDir: string, query: string): Row[] {
  using db = new DatabaseSync(join(dataDir, DATABASE_FILE), { readOnly: true })
  return db.prepare(query).all()
}

/** The verdicts that are stored, by the ids of their commands. */
export function verdictsOnDisk(dataDir: string): Map<string, Omit<Verdict, 'id'>> {
  const rows = rowsOnDisk(dataDir, 'select id, outcome, code, message, hint from receipt') as unknown as Receipt[]
  return new Map(
    rows.map((row) => {
      const { id, ...verdict } = verdictOf(row)
      return [id, verdict]
    }),
  )
}

/**
 * Copies the database while another process writes to it, as an operator would. The folder `to` exists. Not for a
 * database that this process has open: two SQLites in one process would take each other's locks.
 */
export async function backUpOnline(dataDir: string, to: string): Promise<void> {
  using db = new DatabaseSync(join(dataDir, DATABASE_FILE), { readOnly: true })
  await backup(db, join(to, DATABASE_FILE))
}

/** Copies the files of the database as the disk has them at this moment, in place of those of `to`. */
export function copyDatabase(from: string, to: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(join(to, DATABASE_FILE + end), { force: true })
  // The next process creates these again.
  const isScratch = (path: string) => path.endsWith('-shm') || basename(path).startsWith('rejoin.lock')
  cpSync(from, to, { recursive: true, filter: (path) => !isScratch(path) })
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
