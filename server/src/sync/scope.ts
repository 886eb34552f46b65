/** Which documents belong to a scope, came into it, left it and why, from the intervals of its keys. */
import { sql, type RawBuilder } from 'kysely'
import type { LeaveReason } from '@rejoin/shared/wire.ts'
import type { Read } from '../core/db.ts'
import { audienceNow } from '../core/documents/audience.ts'
import { prepared } from '../core/prepared.ts'

/** Whoever names a ticket learns nothing of one that was never theirs. */
export async function reasonFor(read: Read, ticketId: string, keys: readonly string[]): Promise<LeaveReason> {
  if (keys.length === 0) return 'access-lost'
  const select = read.selectFrom('audience').select('key').where('documentId', '=', ticketId)
  const wasTheirs = (await select.where('key', 'in', [...keys]).executeTakeFirst()) !== undefined
  return wasTheirs ? reasonOf(read, ticketId) : 'access-lost'
}

export async function inScope(read: Read, keys: readonly string[]): Promise<string[]> {
  const rows = held(read, { keys: JSON.stringify(keys) })
  return rows.map(({ documentId }) => documentId)
}

export async function movedSince(
  read: Read,
  cursor: number,
  keys: readonly string[],
): Promise<{ entered: string[]; left: string[] }> {
  const entered: string[] = []
  const left: string[] = []
  const among = JSON.stringify(keys)
  for (const { documentId } of touched(read, { keys: among, cursor })) {
    const spans = spansOf(read, { documentId, keys: among })
    const was = spans.some(({ fromSeq, toSeq }) => fromSeq <= cursor && (toSeq === null || toSeq > cursor))
    const is = spans.some(({ toSeq }) => toSeq === null)
    if (is && !was) entered.push(documentId)
    if (was && !is) left.push(documentId)
  }
  return { entered, left }
}

export async function changedSince(read: Read, cursor: number, keys: readonly string[]): Promise<string[]> {
  const rows = changed(read, { keys: JSON.stringify(keys), cursor })
  return rows.map(({ documentId }) => documentId)
}

/** The keys as one value, so that the queries are the same for however many. */
interface Keys {
  readonly keys: string
}

const held = prepared<Keys>()((read, param) =>
  read
    .selectFrom('audience')
    .select('documentId')
    .distinct()
    .where(isAmong(param('keys')))
    .where('toSeq', 'is', null)
    .orderBy('documentId'),
)

const touched = prepared<Keys & { cursor: number }>()((read, param) => {
  // Two reads, one for each index: with `or`, SQLite would read every interval that the keys ever had.
  const all = read
    .selectFrom('audience')
    .select('documentId')
    .where(isAmong(param('keys')))
  return all.where('fromSeq', '>', param('cursor')).union(all.where('toSeq', '>', param('cursor')))
})

const spansOf = prepared<Keys & { documentId: string }>()((read, param) =>
  read
    .selectFrom('audience')
    .select(['fromSeq', 'toSeq'])
    .where('documentId', '=', param('documentId'))
    .where(isAmong(param('keys'))),
)

const changed = prepared<Keys & { cursor: number }>()((read, param) =>
  read
    .selectFrom('audience')
    .innerJoin('document', 'document.id', 'audience.documentId')
    .select('documentId')
    .distinct()
    .where(isAmong(param('keys')))
    .where('toSeq', 'is', null)
    .where('lastSeq', '>', param('cursor')),
)

function isAmong(keys: RawBuilder<string>): RawBuilder<boolean> {
  return sql`audience.key in (select value from json_each(${keys}))`
}

export async function reasonOf(read: Read, documentId: string): Promise<LeaveReason> {
  const keys = audienceNow(read, documentId)
  if (keys.length === 0) return 'closed'
  return keys.some((key) => key.startsWith('assigned:')) ? 'reassigned' : 'access-lost'
}
