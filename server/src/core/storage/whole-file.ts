/** Checks and copies of a database file as a whole, regardless of the program that wrote it. */
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { isCorrupt } from './sqlite.ts'
import { withFile } from './db.ts'

/** The most problems that are listed of each kind. */
const MAX_TOLD = 20

/**
 * Writes the committed content of `file` to a new database `copy`, without deleted content, as of one moment, also
 * while a server writes. It blocks no writer. Returns once the copy is on disk.
 */
export function copyDatabase(file: string, copy: string): void {
  withFile(file, ({ run }) => run('vacuum into ?', [copy]))
  const descriptor = openSync(copy, 'r+')
  fsyncSync(descriptor)
  closeSync(descriptor)
}

/** The faults that SQLite finds in the pages, the indexes and the references, in sentences. */
export function problemsIn(file: string): string[] {
  try {
    return withFile(file, ({ rows }) => [...damages(rows), ...danglingReferences(rows)])
  } catch (error) {
    if (isCorrupt(error)) return [`SQLite cannot read the whole file: ${error.message}.`]
    throw error
  }
}

type Rows = <Row>(sql: string, parameters: readonly unknown[]) => Row[]

function damages(rows: Rows): string[] {
  const found = rows<{ integrity_check: string }>(`pragma integrity_check(${MAX_TOLD})`, [])
  return found.map((row) => row.integrity_check).filter((text) => text !== 'ok')
}

function danglingReferences(rows: Rows): string[] {
  const found = rows<{ table: string; rowid: number | null; parent: string }>('pragma foreign_key_check', [])
  const told = found.slice(0, MAX_TOLD)
  return told.map(
    ({ table, rowid, parent }) => `Row ${rowid ?? '?'} of ${table} refers to a ${parent} that does not exist.`,
  )
}
