/**
 * Which keys could carry which document, and when. Kept as intervals over the workspace's sequence, so that the
 * documents that entered and left a device's scope since its cursor are an indexed read, and its scope at any earlier
 * point can be asked.
 */
import { sql } from 'kysely'
import type { Read, Tx } from '../storage/db.ts'
import { insertRow, prepared } from '../storage/prepared.ts'

/** Records the document's audience from `seq` on: `keys`. Returns the keys before. */
export async function setAudience(
  tx: Tx,
  change: { documentId: string; kind: string; seq: number; keys: readonly string[] },
): Promise<string[]> {
  const { documentId, kind, seq, keys } = change
  const before = audienceNow(tx, documentId)
  const gone = before.filter((key) => !keys.includes(key))
  const come = keys.filter((key) => !before.includes(key))
  if (gone.length > 0) {
    const open = tx.updateTable('audience').set({ toSeq: seq }).where('documentId', '=', documentId)
    await open.where('key', 'in', gone).where('toSeq', 'is', null).execute()
  }
  for (const key of come) insertRow(tx, 'audience', { key, documentId, kind, fromSeq: seq, toSeq: null })
  return before
}

export function audienceNow(read: Read, documentId: string): string[] {
  return openKeys(read, { documentId }).map(({ key }) => key)
}

const openKeys = prepared<{ documentId: string }>()((read, param) =>
  read.selectFrom('audience').select('key').where('documentId', '=', param('documentId')).where('toSeq', 'is', null),
)

/** Whether any key could ever carry the document, as far as is remembered. */
export function wasShown(read: Read, documentId: string): boolean {
  return anyKey(read, { documentId }).length > 0
}

const anyKey = prepared<{ documentId: string }>()((read, param) =>
  read.selectFrom('audience').select('key').where('documentId', '=', param('documentId')).limit(sql.lit(1)),
)

/** Those of `keys` that brought the document into scope at `seq`. */
export async function keysAt(read: Read, documentId: string, keys: readonly string[], seq: number): Promise<string[]> {
  if (keys.length === 0) return []
  const rows = await read
    .selectFrom('audience')
    .select('key')
    .where('documentId', '=', documentId)
    .where('key', 'in', [...keys])
    .where('fromSeq', '<=', seq)
    .where((row) => row.or([row('toSeq', 'is', null), row('toSeq', '>', seq)]))
    .execute()
  return rows.map(({ key }) => key)
}
