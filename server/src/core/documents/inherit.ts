/** Keeps the recorded authors when a document is rebuilt: the server writes all of it, in the names of its authors. */
import * as Y from 'yjs'
import type { Tx } from '../storage/db.ts'
import { insertRow } from '../storage/prepared.ts'
import type { Run } from './authors.ts'

/** Records the authors of the texts of `doc`, which equal `runs`; the records of the former generation are removed. */
export async function inheritAuthors(
  tx: Tx,
  { documentId, doc, runs }: { documentId: string; doc: Y.Doc; runs: Readonly<Record<string, readonly Run[]>> },
): Promise<void> {
  await tx.deleteFrom('textSpan').where('documentId', '=', documentId).execute()
  for (const [name, written] of Object.entries(runs)) {
    const clocks = clocksOf(doc.getText(name))
    let at = 0
    for (const { text, authorId, deviceId } of written) {
      const own = clocks.slice(at, at + text.length)
      at += text.length
      if (authorId === null) continue
      for (const { clock, length } of inRow(own)) {
        insertRow(tx, 'textSpan', { documentId, clientId: doc.clientID, clock, length, authorId, deviceId })
      }
    }
  }
}

/** The clock of each visible character of the text. */
function clocksOf(text: Y.Text): number[] {
  const clocks: number[] = []
  for (let item = text._start; item !== null; item = item.right) {
    if (item.deleted || !(item.content instanceof Y.ContentString)) continue
    for (let offset = 0; offset < item.length; offset += 1) clocks.push(item.id.clock + offset)
  }
  return clocks
}

function inRow(clocks: readonly number[]): { clock: number; length: number }[] {
  const rows: { clock: number; length: number }[] = []
  for (const clock of clocks) {
    const last = rows.at(-1)
    if (last !== undefined && last.clock + last.length === clock) last.length += 1
    else rows.push({ clock, length: 1 })
  }
  return rows
}
