/** Which documents belong to a scope, came into it, left it and why, from the intervals of its keys. */
import type { LeaveReason } from '@rejoin/shared/wire.ts'
import type { Read } from '../core/db.ts'
import { audienceNow } from '../core/documents/audience.ts'

/** Whoever names a ticket learns nothing of one that was never theirs. */
export async function reasonFor(read: Read, ticketId: string, keys: readonly string[]): Promise<LeaveReason> {
  if (keys.length === 0) return 'access-lost'
  const select = read.selectFrom('audience').select('key').where('documentId', '=', ticketId)
  const wasTheirs = (await select.where('key', 'in', [...keys]).executeTakeFirst()) !== undefined
  return wasTheirs ? reasonOf(read, ticketId) : 'access-lost'
}

export async function inScope(read: Read, keys: readonly string[]): Promise<string[]> {
  if (keys.length === 0) return []
  const rows = await read
    .selectFrom('audience')
    .select('documentId')
    .distinct()
    .where('key', 'in', [...keys])
    .where('toSeq', 'is', null)
    .orderBy('documentId')
    .execute()
  return rows.map(({ documentId }) => documentId)
}

export async function movedSince(
  read: Read,
  cursor: number,
  keys: readonly string[],
): Promise<{ entered: string[]; left: string[] }> {
  if (keys.length === 0) return { entered: [], left: [] }
  // Two reads, one for each index: with `or`, SQLite would read every interval that the keys ever had.
  const touched = read
    .selectFrom('audience')
    .select('documentId')
    .where('key', 'in', [...keys])
  const begun = touched.where('fromSeq', '>', cursor)
  const rows = await begun.union(touched.where('toSeq', '>', cursor)).execute()
  const entered: string[] = []
  const left: string[] = []
  for (const { documentId } of rows) {
    const spans = await read
      .selectFrom('audience')
      .select(['fromSeq', 'toSeq'])
      .where('documentId', '=', documentId)
      .where('key', 'in', [...keys])
      .execute()
    const was = spans.some(({ fromSeq, toSeq }) => fromSeq <= cursor && (toSeq === null || toSeq > cursor))
    const is = spans.some(({ toSeq }) => toSeq === null)
    if (is && !was) entered.push(documentId)
    if (was && !is) left.push(documentId)
  }
  return { entered, left }
}

export async function changedSince(read: Read, cursor: number, keys: readonly string[]): Promise<string[]> {
  if (keys.length === 0) return []
  const rows = await read
    .selectFrom('audience')
    .innerJoin('document', 'document.id', 'audience.documentId')
    .select('documentId')
    .distinct()
    .where('key', 'in', [...keys])
    .where('toSeq', 'is', null)
    .where('lastSeq', '>', cursor)
    .execute()
  return rows.map(({ documentId }) => documentId)
}

export async function reasonOf(read: Read, documentId: string): Promise<LeaveReason> {
  const keys = audienceNow(read, documentId)
  if (keys.length === 0) return 'closed'
  return keys.some((key) => key.startsWith('assigned:')) ? 'reassigned' : 'access-lost'
}
