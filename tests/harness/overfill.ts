/** Makes a ticket as large as one could become before there was a limit: row and document, past the program. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import * as Y from 'yjs'
import { rootsOf } from '@rejoin/shared/document.ts'
import { DATABASE_FILE } from '@rejoin/server/core/db.ts'

const FIELDS = 200
const LETTERS = 20_000

/** Of a server that is stopped. Answers whether there is such a ticket. */
export function overfill(dataDir: string, ticketId: string): boolean {
  using db = new DatabaseSync(join(dataDir, DATABASE_FILE))
  const bytesOf = (query: string) => db.prepare(query).all(ticketId) as { bytes: Uint8Array }[]
  const stored = bytesOf('select state as bytes from document where id = ?')
  if (stored.length === 0) return false
  const custom = Object.fromEntries(
    Array.from({ length: FIELDS }, (_, index) => [`field${index}`, `${index}`.repeat(LETTERS).slice(0, LETTERS)]),
  )
  const doc = new Y.Doc()
  const updates = bytesOf('select "update" as bytes from documentUpdate where documentId = ? order by seq')
  for (const { bytes } of [...stored, ...updates]) Y.applyUpdate(doc, bytes)
  rootsOf(doc).fields.set('custom', custom)
  db.prepare('update ticket set custom = ? where id = ?').run(JSON.stringify(custom), ticketId)
  db.prepare('update document set state = ?, sum = null where id = ?').run(Y.encodeStateAsUpdate(doc), ticketId)
  return true
}
