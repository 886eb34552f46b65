/**
 * The audit log: what people did with rights, not with work. A row is written in the transaction that it describes, and
 * its hash covers its content and the hash before it.
 *
 * 1. Rows are only ever added: triggers refuse everything else, and a change made outside the program breaks the chain.
 * 2. The number and hash of the last row are also kept in `meta`, so that a truncated log is detected.
 */
import { createHash } from 'node:crypto'
import type { Insertable, Selectable } from 'kysely'
import type { CommandContext } from './command.ts'
import type { Event, NewOf } from './events.ts'
import type { Read } from './storage/db.ts'
import { insertRow, prepared, putRow } from './storage/prepared.ts'
import type { AuditTable } from './storage/tables.ts'

export type AuditRow = Selectable<AuditTable>

/** What the audit log alone records, by its type. Each slice adds its own in its `events.ts`. */
// oxlint-disable-next-line typescript/no-empty-interface -- slices declare its members
export interface AuditFacts {}

/** What a fact says, without whom it is about. */
export type Fact<Types extends keyof AuditFacts> = {
  [Type in Types]: { readonly type: Type; readonly payload: AuditFacts[Type]['payload'] }
}[Types]

/** A fact, or an event of the log. Its actor is who runs the command, unless another is named. */
export type AuditEntry = NewOf<AuditFacts> | Event

/** The key under which the last row is kept, as JSON of an `AuditHead`. */
export const HEAD_KEY = 'auditHead'

/** The last row of the log; number 0 of an empty one. */
export interface AuditHead {
  readonly number: number
  readonly hash: string
}

export const EMPTY: AuditHead = { number: 0, hash: '' }

export function audit(
  { tx, now, actor, deviceId, source }: Pick<CommandContext, 'tx' | 'now' | 'actor' | 'deviceId' | 'source'>,
  { type, subject, subjectId, actorId = actor.id, payload = {} }: AuditEntry,
): void {
  const last = lastRow(tx)
  const row = {
    number: last.number + 1,
    at: now,
    type,
    actorId,
    subject,
    subjectId,
    deviceId,
    sessionId: source?.sessionId ?? null,
    address: source?.address ?? null,
    userAgent: source?.userAgent ?? null,
    payload: JSON.stringify(payload),
  }
  const hash = chained(last.hash, row)
  insertRow(tx, 'audit', { ...row, hash })
  putRow(tx, 'meta', { key: HEAD_KEY }, { value: JSON.stringify({ number: row.number, hash }) })
}

/** The hash of a row that follows one with the hash `previous`. */
export function chained(previous: string, row: Omit<Insertable<AuditTable>, 'hash'>): string {
  const { number, at, type, actorId, subject, subjectId, deviceId, sessionId, address, userAgent, payload } = row
  const content = [number, at, type, actorId, subject, subjectId, deviceId, sessionId, address, userAgent, payload]
  return createHash('sha256')
    .update(JSON.stringify([previous, ...content]))
    .digest('hex')
}

function lastRow(read: Read): AuditHead {
  const [row] = newest(read, {})
  return row ?? EMPTY
}

const newest = prepared()((read) =>
  read.selectFrom('audit').select(['number', 'hash']).orderBy('number', 'desc').limit(1),
)
