/** Makes a ticket as large as one could become by a command before there was a limit: past the program. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import * as Y from 'yjs'
import { rootsOf } from '@rejoin/shared/sync/document.ts'
import { TICKET_SHAPE } from '@rejoin/shared/tickets/shape.ts'
import { DATABASE_FILE } from '@rejoin/server/core/storage/sqlite.ts'

const FIELDS = 200
const LETTERS = 20_000

/** Of a server that is stopped. Answers whether there is such a ticket, with a document that can be read. */
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
  try {
    for (const { bytes } of [...stored, ...updates]) Y.applyUpdate(doc, bytes)
  } catch {
    // Another fault has damaged it.
    return false
  }
  const before = Y.encodeStateVector(doc)
  rootsOf(doc, TICKET_SHAPE).fields.set('custom', custom)
  db.prepare('update ticket set custom = ? where id = ?').run(JSON.stringify(custom), ticketId)
  const last = db.prepare('select seq, at from revision order by seq desc limit 1').get() as { seq: number; at: number }
  const seq = last.seq + 1
  db.prepare('insert into revision (seq, tag, at) values (?, ?, ?)').run(seq, `overfilled-${seq}`, last.at)
  const update = Y.encodeStateAsUpdate(doc, before)
  db.prepare('insert into documentUpdate (documentId, seq, "update") values (?, ?, ?)').run(ticketId, seq, update)
  const state = Y.encodeStateAsUpdate(doc)
  db.prepare('update document set state = ?, stateSeq = ?, sum = null where id = ?').run(state, seq, ticketId)
  return true
}
