/** Makes a ticket as large as one could become before there was a limit: rows and document, past the program. */
import * as Y from 'yjs'
import { rootsOf } from '@rejoin/shared/document.ts'
import type { World } from '../harness/world.ts'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { DATABASE_FILE } from '@rejoin/server/core/db.ts'

const FIELDS = 200
const LETTERS = 20_000

/** Stops the server for it. */
export async function overfill(world: World, ticketId: string): Promise<void> {
  const copy = await world.backup()
  await world.restore(copy, (dataDir) => {
    using db = new DatabaseSync(join(dataDir, DATABASE_FILE))
    const custom = Object.fromEntries(
      Array.from({ length: FIELDS }, (_, index) => [`field${index}`, `${index}`.repeat(LETTERS).slice(0, LETTERS)]),
    )
    db.prepare('update ticket set custom = ? where id = ?').run(JSON.stringify(custom), ticketId)
    const doc = new Y.Doc()
    const rows = db.prepare('select "update" from documentUpdate where documentId = ? order by seq').all(ticketId)
    const first = db.prepare('select state from document where id = ?').get(ticketId) as { state: Uint8Array }
    for (const bytes of [first.state, ...rows.map((row) => row['update'] as Uint8Array)]) Y.applyUpdate(doc, bytes)
    rootsOf(doc).fields.set('custom', custom)
    db.prepare('update document set state = ? where id = ?').run(Y.encodeStateAsUpdate(doc), ticketId)
  })
}
