/**
 * The scope of a person's devices: the documents in it, those that came into it, and those that left it and why, from
 * the intervals of its keys. A scope is read as it was at a `seq`: later commits belong to the next catch-up.
 */
import { sql, type RawBuilder } from 'kysely'
import { scopeKeysOf } from '@rejoin/shared/access/audience.ts'
import type { Actor } from '@rejoin/shared/access/access.ts'
import type { LeaveReason } from '@rejoin/shared/sync/wire.ts'
import { getActor, rightsAt } from '../../slices/accounts/queries.ts'
import type { Kinds } from '../../core/documents/kinds.ts'
import type { Read, Tables } from '../../core/storage/db.ts'
import { prepared, type Param } from '../../core/storage/prepared.ts'

export interface Scope {
  readonly seq: number
  /** The person with their rights at `seq`. */
  readonly actor: Actor
  readonly keys: readonly string[]
}

interface Reading {
  readonly read: Read
  readonly kinds: Kinds
}

export interface Left {
  readonly documentId: string
  readonly reason: LeaveReason
}

/** Throws a `Refusal` that needs a sign-in if the person is unknown or disabled. */
export function scopeAt(read: Read, actorId: string, seq: number): Scope {
  const actor = rightsAt(read, getActor(read, actorId), seq)
  return { seq, actor, keys: scopeKeysOf(actor) }
}

export function inScope(read: Read, { keys, seq }: Scope): string[] {
  const rows = held(read, { keys: JSON.stringify(keys), seq })
  return rows.map(({ documentId }) => documentId).toSorted()
}

/** The documents that are in one scope and not in the other. */
export function movedBetween({ read, kinds }: Reading, from: Scope, to: Scope): { entered: string[]; left: Left[] } {
  const entered: string[] = []
  const left: Left[] = []
  for (const documentId of maybeMoved(read, from, to)) {
    const heldBy = keysOf(read, documentId, from)
    const is = keysOf(read, documentId, to).length > 0
    if (is && heldBy.length === 0) entered.push(documentId)
    if (!is && heldBy.length > 0) {
      left.push({ documentId, reason: whyLeft(read, kinds, documentId, { keys: from.keys, heldBy }) })
    }
  }
  return { entered, left }
}

function maybeMoved(read: Read, from: Scope, to: Scope): Set<string> {
  const keys = JSON.stringify(to.keys)
  // A change of rights may add and remove documents that were not touched.
  if (JSON.stringify(from.keys) !== keys) return new Set([...inScope(read, from), ...inScope(read, to)])
  return new Set(touched(read, { keys, cursor: from.seq }).map(({ documentId }) => documentId))
}

/** The documents of the scope that have updates since `cursor`. */
export function changedSince(read: Read, cursor: number, { keys, seq }: Scope): string[] {
  const stretch = { keys: JSON.stringify(keys), cursor, seq }
  return cheapest(read, stretch)(read, stretch).map(({ documentId }) => documentId)
}

function cheapest(read: Read, { keys, cursor, seq }: Stretch): typeof changedOfLog {
  const length = seq - cursor
  if (length <= SHORT_LOG) return changedOfLog
  const [scope] = sizeOf(read, { keys })
  return length <= (scope?.size ?? 0) * READ_FOR_A_LOOKUP ? changedOfBoth : changedOfScope
}

/** The documents of the scope that were rebuilt since `cursor`. */
export function renewedSince(read: Read, cursor: number, { keys, seq }: Scope): string[] {
  return renewed(read, { keys: JSON.stringify(keys), cursor, seq }).map(({ documentId }) => documentId)
}

/**
 * Why a device may not have the documents that it claims to have. It learns nothing of a document that was never in its
 * scope.
 */
export function whyOutside({ read, kinds }: Reading, documentIds: readonly string[], { keys }: Scope): Left[] {
  const rows = keysOfMany(read, { keys: JSON.stringify(keys), ids: JSON.stringify(documentIds) })
  const heldBy = Map.groupBy(rows, ({ documentId }) => documentId)
  return documentIds.map((documentId) => {
    const own = heldBy.get(documentId)?.map(({ key }) => key)
    const reason = own === undefined ? 'access-lost' : whyLeft(read, kinds, documentId, { keys, heldBy: own })
    return { documentId, reason }
  })
}

/** A document that no row knows any more is done. */
function whyLeft(
  read: Read,
  kinds: Kinds,
  documentId: string,
  by: { readonly keys: readonly string[]; readonly heldBy: readonly string[] },
): LeaveReason {
  return kinds.of(read, documentId)?.whyLeft(read, documentId, by) ?? 'closed'
}

/** The keys that bring the document into the scope. */
function keysOf(read: Read, documentId: string, { keys, seq }: Scope): string[] {
  const spans = spansOf(read, { keys: JSON.stringify(keys), documentId })
  return spans.filter(({ fromSeq, toSeq }) => fromSeq <= seq && (toSeq === null || toSeq > seq)).map(({ key }) => key)
}

/** Each entry of a log up to this long is looked up in the scope, which may hold a hundred times as much. */
const SHORT_LOG = 100
/** Looking up one document of the scope in a longer log takes about as long as reading this many entries of the log. */
const READ_FOR_A_LOOKUP = 50

/** The keys as one value, so that the query text does not depend on their number. */
interface Keys {
  readonly keys: string
}

const held = prepared<Keys & { seq: number }>()((read, param) => {
  const begun = withKeys(read, param('keys')).where(unsought('fromSeq'), '<=', param('seq'))
  return begun.where('toSeq', 'is', null).union(begun.where('toSeq', '>', param('seq')))
})

const touched = prepared<Keys & { cursor: number }>()((read, param) => {
  // Two reads, one for each index: with `or`, SQLite would read every interval that the keys ever had.
  const all = withKeys(read, param('keys'))
  return all.where('fromSeq', '>', param('cursor')).union(all.where('toSeq', '>', param('cursor')))
})

/** How many intervals are open, which is at least how many documents the scope has. */
const sizeOf = prepared<Keys>()((read, param) => {
  const open = read
    .selectFrom('audience')
    .where(isAmong(param('keys')))
    .where('toSeq', 'is', null)
  return open.select(({ fn }) => fn.countAll<number>().as('size'))
})

const spansOf = prepared<Keys & { documentId: string }>()((read, param) =>
  read
    .selectFrom('audience')
    .select(['key', 'fromSeq', 'toSeq'])
    .where('documentId', '=', param('documentId'))
    .where(isAmong(param('keys'))),
)

/** No index on the keys is used: the keys of a department have had all its tickets. */
const keysOfMany = prepared<Keys & { ids: string }>()((read, param) =>
  read
    .selectFrom('audience')
    .select(['documentId', 'key'])
    .where(sql<boolean>`"documentId" in (select value from json_each(${param('ids')}))`)
    .where(sql<boolean>`+audience.key in (select value from json_each(${param('keys')}))`),
)

interface Stretch extends Keys {
  readonly cursor: number
  readonly seq: number
}

/** Asks about each document of the log whether it is in the scope. */
const changedOfLog = prepared<Stretch>()((read, param) => {
  const log = read.selectFrom('documentUpdate').select('documentId')
  const stretch = log.where('seq', '>', param('cursor')).where('seq', '<=', param('seq'))
  return inScopeNow(read, param).distinct().where('documentId', 'in', stretch)
})

/** Reads the scope and the log, and intersects them. */
const changedOfBoth = prepared<Stretch>()((read, param) => {
  const log = read.selectFrom('documentUpdate').select('documentId')
  const stretch = log.where('seq', '>', param('cursor')).where('seq', '<=', param('seq'))
  return inScopeNow(read, param).distinct().where(unsought('documentId'), 'in', stretch)
})

/** Asks of each document of the scope whether it is in the log. */
const changedOfScope = prepared<Stretch>()((read, param) =>
  inScopeNow(read, param)
    .distinct()
    .where(({ exists, selectFrom }) => {
      const updates = selectFrom('documentUpdate').select('documentUpdate.seq')
      const own = updates.whereRef('documentUpdate.documentId', '=', 'audience.documentId')
      return exists(own.where('seq', '>', param('cursor')).where('seq', '<=', param('seq')))
    }),
)

const renewed = prepared<Stretch>()((read, param) => {
  const former = read.selectFrom('formerDocument').select('documentId')
  const stretch = former.where('endedSeq', '>', param('cursor')).where('endedSeq', '<=', param('seq'))
  return inScopeNow(read, param).distinct().where('documentId', 'in', stretch)
})

function inScopeNow(read: Read, param: Param<Stretch>) {
  return withKeys(read, param('keys')).where('toSeq', 'is', null).where(unsought('fromSeq'), '<=', param('seq'))
}

/**
 * A column for which SQLite uses no index. For a scope it would choose the index on beginnings, and walk through every
 * interval that the key ever had: a department's queue has had all its tickets.
 */
function unsought<Column extends 'fromSeq' | 'documentId'>(column: Column): RawBuilder<Tables['audience'][Column]> {
  return sql`+${sql.ref(column)}`
}

function withKeys(read: Read, keys: RawBuilder<string>) {
  return read.selectFrom('audience').select('documentId').where(isAmong(keys))
}

function isAmong(keys: RawBuilder<string>): RawBuilder<boolean> {
  return sql`audience.key in (select value from json_each(${keys}))`
}
